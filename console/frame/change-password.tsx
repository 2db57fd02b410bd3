import { type FormEvent, type ReactNode, useId, useState } from 'react';
import { frameWords } from '../../src/texts/console/frame.ts';
import { partsWords } from '../../src/texts/console/parts.ts';
import { useChange } from '../parts/api.ts';
import { Button } from '../parts/button.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { Failure } from '../parts/failure.tsx';
import { Field } from '../parts/field.tsx';
import { useWords } from '../parts/language.tsx';
import { toast } from '../parts/toast.tsx';
import { NewPassword } from './new-password.tsx';
import css from './sign-in.module.css';

export function ChangePassword({ onClose }: { onClose(): void }): ReactNode {
  const say = useWords(frameWords);
  const sayPart = useWords(partsWords);
  const id = useId();
  const [current, setCurrent] = useState('');
  const [password, setPassword] = useState<string | null>(null);
  const change = useChange('PUT /v1/me/password', {
    onDone: () => {
      toast(say('password.changed'));
      onClose();
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (password !== null) change.mutate({ body: { current, password } });
  };
  return (
    <Dialog
      title={say('password.change')}
      isOpen
      isBusy={change.isPending}
      onClose={onClose}
      actions={
        <>
          <Button onPress={onClose}>{sayPart('cancel')}</Button>
          <Button
            kind="primary"
            type="submit"
            form={id}
            isPending={change.isPending}
            isDisabled={current === '' || password === null}
          >
            {sayPart('save')}
          </Button>
        </>
      }
    >
      <form id={id} className={css.form} onSubmit={submit}>
        <Field
          label={say('password.current')}
          type="password"
          value={current}
          onChange={setCurrent}
          autoComplete="current-password"
          autoFocus
        />
        <NewPassword onChange={setPassword} />
        <Failure error={change.error} />
      </form>
    </Dialog>
  );
}
