import { type ReactNode, useState } from 'react';
import { frameWords } from '../../src/texts/console/frame.ts';
import { partsWords } from '../../src/texts/console/parts.ts';
import { useChange } from '../parts/api.ts';
import { returned } from '../parts/call.ts';
import { FormDialog } from '../parts/dialog.tsx';
import { Field } from '../parts/field.tsx';
import { useWords } from '../parts/language.tsx';
import { toast } from '../parts/toast.tsx';
import { NewPassword } from './new-password.tsx';

export function ChangePassword({ onClose }: { onClose(): void }): ReactNode {
  const say = useWords(frameWords);
  const sayPart = useWords(partsWords);
  const [current, setCurrent] = useState('');
  const [password, setPassword] = useState<string | null>(null);
  const change = useChange('PUT /v1/me/password', {
    onDone: () => {
      // In a new session: what was under way in the one before is asked again.
      returned();
      toast(say('password.changed'));
      onClose();
    },
  });
  const submit = (): void => {
    if (password !== null) change.mutate({ body: { current, password } });
  };
  return (
    <FormDialog
      title={say('password.change')}
      submit={sayPart('save')}
      change={change}
      isReady={current !== '' && password !== null}
      onSubmit={submit}
      onClose={onClose}
    >
      <Field
        label={say('password.current')}
        type="password"
        value={current}
        onChange={setCurrent}
        autoComplete="current-password"
        autoFocus
      />
      <NewPassword onChange={setPassword} />
    </FormDialog>
  );
}
