import { type ReactNode, useState } from 'react';
import { campaignsWords } from '../../src/texts/console/campaigns.ts';
import { partsWords } from '../../src/texts/console/parts.ts';
import { useChange } from '../parts/api.ts';
import { fieldProblem } from '../parts/call.ts';
import { FormDialog } from '../parts/dialog.tsx';
import { Field } from '../parts/field.tsx';
import { useWords } from '../parts/language.tsx';
import { toast } from '../parts/toast.tsx';

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
  const [text, setText] = useState(String(ratePerS));
  const rate = /^\d{1,7}$/.test(text.trim()) && Number(text) > 0 ? Number(text) : null;
  const change = useChange('PATCH /v1/accounts/{appid}', {
    rereads: ['GET /v1/campaigns/{id}/activity', 'GET /v1/accounts', 'GET /v1/accounts/{appid}'],
    onDone: (account) => {
      toast(say('rate.changed', { rate: account.ratePerS }));
      onClose();
    },
  });
  const submit = (): void => {
    if (rate !== null) change.mutate({ params: { appid }, body: { ratePerS: rate } });
  };
  return (
    <FormDialog
      title={say('rate')}
      submit={sayPart('save')}
      change={change}
      isReady={rate !== null && rate !== ratePerS}
      onSubmit={submit}
      onClose={onClose}
    >
      <Field
        label={say('rate.field')}
        value={text}
        onChange={setText}
        hint={say('rate.hint')}
        error={rate === null ? say('rate.invalid') : fieldProblem(change.error, 'ratePerS')}
        inputMode="numeric"
        autoFocus
      />
    </FormDialog>
  );
}
