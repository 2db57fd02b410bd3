import { type ReactNode, useState } from 'react';
import { campaignsWords } from '../../src/texts/console/campaigns.ts';
import { partsWords } from '../../src/texts/console/parts.ts';
import { useChange } from '../parts/api.ts';
import { fieldProblem } from '../parts/call.ts';
import { FormDialog } from '../parts/dialog.tsx';
import { Field } from '../parts/field.tsx';
import { useWords } from '../parts/language.tsx';
import { toast } from '../parts/toast.tsx';
import type { Report } from './words.ts';

/** A campaign's own ceiling, under the account's; empty: only that. */
export function OwnRate({ of: report, onClose }: { of: Report; onClose(): void }): ReactNode {
  const say = useWords(campaignsWords);
  const sayPart = useWords(partsWords);
  const [text, setText] = useState(String(report.ratePerS ?? ''));
  const typed = text.trim();
  const isRate = /^\d{1,7}$/.test(typed) && Number(typed) > 0;
  const rate = typed === '' ? null : Number(typed);
  const change = useChange('POST /v1/campaigns/{id}/rate', {
    rereads: ['GET /v1/campaigns/{id}', 'GET /v1/campaigns/{id}/plan', 'GET /v1/campaigns'],
    onDone: (changed) => {
      toast(
        changed.ratePerS === null
          ? say('ownRate.removed')
          : say('ownRate.changed', { rate: changed.ratePerS }),
      );
      onClose();
    },
  });
  return (
    <FormDialog
      title={say('ownRate')}
      submit={sayPart('save')}
      change={change}
      isReady={(typed === '' || isRate) && rate !== report.ratePerS}
      onSubmit={() => change.mutate({ params: { id: report.id }, body: { ratePerS: rate } })}
      onClose={onClose}
    >
      <Field
        label={say('rate.field')}
        value={text}
        onChange={setText}
        hint={say('ownRate.hint')}
        error={typed !== '' && !isRate ? say('rate.invalid') : fieldProblem(change.error, 'ratePerS')}
        inputMode="numeric"
        autoFocus
      />
    </FormDialog>
  );
}
