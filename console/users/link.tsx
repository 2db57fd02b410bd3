import type { ReactNode } from 'react';
import { usersWords } from '../../src/texts/console/access/users.ts';
import { SecretDialog } from '../parts/dialog.tsx';
import { useWords } from '../parts/language.tsx';
import { formatTime, useZone } from '../parts/time.tsx';

/** A link that sets somebody's password once, to be sent to them. */
export function ShownLink({
  name,
  path,
  expiresAt,
  onClose,
}: {
  name: string;
  path: string;
  expiresAt: string;
  onClose(): void;
}): ReactNode {
  const say = useWords(usersWords);
  const zone = useZone();
  return (
    <SecretDialog
      title={say('linkTitle', { name })}
      done={say('done')}
      secret={location.origin + path}
      onClose={onClose}
    >
      <p>{say('linkHint', { time: formatTime(new Date(expiresAt), zone, 'minute') })}</p>
    </SecretDialog>
  );
}
