import type { ReactNode } from 'react';
import { usersWords } from '../../src/texts/console/users.ts';
import { Button } from '../parts/button.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { useWords } from '../parts/language.tsx';
import { Copyable } from '../parts/notice.tsx';
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
    <Dialog
      title={say('linkTitle', { name })}
      isOpen
      isAlert
      onClose={onClose}
      actions={
        <Button kind="primary" onPress={onClose}>
          {say('done')}
        </Button>
      }
    >
      <p>{say('linkHint', { time: formatTime(new Date(expiresAt), zone, 'minute') })}</p>
      <Copyable text={location.origin + path} isSecret />
    </Dialog>
  );
}
