import type { ReactNode } from 'react';
import { webhooksWords } from '../../src/texts/console/webhooks.ts';
import { SecretDialog } from '../parts/dialog.tsx';
import { useWords } from '../parts/language.tsx';

export function ShownSecret({ secret, onClose }: { secret: string; onClose(): void }): ReactNode {
  const say = useWords(webhooksWords);
  return (
    <SecretDialog title={say('secretTitle')} done={say('done')} secret={secret} onClose={onClose}>
      <p>{say('secretHint')}</p>
    </SecretDialog>
  );
}
