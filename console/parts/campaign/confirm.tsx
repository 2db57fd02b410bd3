import { type FormEvent, type ReactNode, useState } from 'react';
import { confirmWords } from '../../../src/texts/console/checks.ts';
import { useChange } from '../api.ts';
import { Button } from '../button.tsx';
import { isProblem } from '../call.ts';
import { Failure } from '../failure.tsx';
import { Field } from '../field.tsx';
import { useWords } from '../language.tsx';
import { Notice } from '../notice.tsx';
import { useMay } from '../session.ts';
import css from './confirm.module.css';

/** Whether a typed number is that one; thousands may be separated. */
export function isNumber(typed: string, planned: number): boolean {
  const digits = typed.replaceAll(/[,，\s]/g, '');
  return digits !== '' && Number(digits) === planned;
}

/** A field for the number and the button that says it; what it starts is the caller's. */
export function TypeNumber({
  planned,
  button,
  isPending,
  onConfirm,
}: {
  planned: number;
  button: string;
  isPending: boolean;
  onConfirm(): void;
}): ReactNode {
  const say = useWords(confirmWords);
  const [typed, setTyped] = useState('');
  const isRight = isNumber(typed, planned);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (isRight && !isPending) onConfirm();
  };
  const isWrong = !isRight && typed.trim().length >= String(planned).length;
  return (
    <form className={css.confirm} onSubmit={submit}>
      <Field
        label={say('type', { planned })}
        value={typed}
        onChange={setTyped}
        inputMode="numeric"
        hint={say('typeHint')}
        error={isWrong ? say('wrong', { planned }) : undefined}
        mono
      />
      <div>
        <Button kind="primary" type="submit" isPending={isPending} isDisabled={!isRight}>
          {button}
        </Button>
      </div>
    </form>
  );
}

/** Only what was looked at is confirmed: the number is typed, and the plan is named by its hash. */
export function Confirm({
  id,
  planned,
  planHash,
  onLookAgain,
  onDone,
}: {
  id: number;
  planned: number;
  planHash: string;
  onLookAgain(): void;
  onDone?(): void;
}): ReactNode {
  const say = useWords(confirmWords);
  const may = useMay();
  const confirm = useChange('POST /v1/campaigns/{id}/confirm', {
    rereads: ['GET /v1/campaigns/{id}'],
    ...(onDone === undefined ? {} : { onDone }),
  });
  if (!may('campaign.send')) return <Notice>{say('maySend')}</Notice>;
  return (
    <>
      <TypeNumber
        planned={planned}
        button={say('send', { planned })}
        isPending={confirm.isPending}
        onConfirm={() => confirm.mutate({ params: { id }, body: { planned, planHash } })}
      />
      {isProblem(confirm.error, 'CAMPAIGN_STATE') ? (
        <Notice
          tone="danger"
          title={say('changed')}
          actions={<Button onPress={onLookAgain}>{say('lookAgain')}</Button>}
        >
          {confirm.error.message}
        </Notice>
      ) : (
        <Failure error={confirm.error} />
      )}
    </>
  );
}
