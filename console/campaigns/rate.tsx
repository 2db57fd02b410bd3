import { type FormEvent, type ReactNode, useId, useState } from 'react';
import { campaignsWords } from '../../src/texts/console/campaigns.ts';
import { partsWords } from '../../src/texts/console/parts.ts';
import { useChange } from '../parts/api.ts';
import { Button } from '../parts/button.tsx';
import { fieldProblem } from '../parts/call.ts';
import { Dialog } from '../parts/dialog.tsx';
import { Failure } from '../parts/failure.tsx';
import { Field } from '../parts/field.tsx';
import { useWords } from '../parts/language.tsx';
import { toast } from '../parts/toast.tsx';
import css from './campaigns.module.css';

/** The account's ceiling, which all that is sent for it shares; it counts within a second. */
export function Rate({
  appid,
  ratePerS,
  onClose,
}: {
  appid: string;
  ratePerS: number;
  onClose(): void;
}): ReactNode {
  const say = useWords(campaignsWords);
  const sayPart = useWords(partsWords);
  const id = useId();
  const [text, setText] = useState(String(ratePerS));
  const rate = /^\d{1,7}$/.test(text.trim()) && Number(text) > 0 ? Number(text) : null;
  const change = useChange('PATCH /v1/accounts/{appid}', {
    rereads: ['GET /v1/campaigns/{id}/activity', 'GET /v1/accounts', 'GET /v1/accounts/{appid}'],
    onDone: (account) => {
      toast(say('rate.changed', { rate: account.ratePerS }));
      onClose();
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (rate !== null) change.mutate({ params: { appid }, body: { ratePerS: rate } });
  };
  return (
    <Dialog
      title={say('rate')}
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
            isDisabled={rate === null || rate === ratePerS}
          >
            {sayPart('save')}
          </Button>
        </>
      }
    >
      <form id={id} className={css.column} onSubmit={submit}>
        <Field
          label={say('rate.field')}
          value={text}
          onChange={setText}
          hint={say('rate.hint')}
          error={rate === null ? say('rate.invalid') : fieldProblem(change.error, 'ratePerS')}
          inputMode="numeric"
          autoFocus
        />
        <Failure error={change.error} />
      </form>
    </Dialog>
  );
}
