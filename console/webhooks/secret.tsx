import type { ReactNode } from 'react';
import { webhooksWords } from '../../src/texts/console/webhooks.ts';
import { Button } from '../parts/button.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { useWords } from '../parts/language.tsx';
import { Copyable } from '../parts/notice.tsx';

export function ShownSecret({ secret, onClose }: { secret: string; onClose(): void }): ReactNode {
  const say = useWords(webhooksWords);
  return (
    <Dialog
      title={say('secretTitle')}
      isOpen
      isAlert
      onClose={onClose}
      actions={
        <Button kind="primary" onPress={onClose}>
          {say('done')}
        </Button>
      }
    >
      <p>{say('secretHint')}</p>
      <Copyable text={secret} isSecret />
    </Dialog>
  );
}
