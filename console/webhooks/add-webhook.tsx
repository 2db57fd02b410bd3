import { type FormEvent, type ReactNode, useId, useState } from 'react';
import { partsWords } from '../../src/texts/console/parts.ts';
import { webhooksWords } from '../../src/texts/console/webhooks.ts';
import { accountName, useAccounts } from '../parts/account.tsx';
import { useChange } from '../parts/api.ts';
import { Button } from '../parts/button.tsx';
import { fieldProblem } from '../parts/call.ts';
import { Dialog } from '../parts/dialog.tsx';
import { Failure } from '../parts/failure.tsx';
import { Checkbox, Field } from '../parts/field.tsx';
import { useWords } from '../parts/language.tsx';
import { Select } from '../parts/select.tsx';
import css from './webhooks.module.css';

const topics = ['outcome', 'receipt', 'campaign', 'follow', 'unfollow', 'message'] as const;

export function AddWebhook({
  onClose,
  onSecret,
}: {
  onClose(): void;
  onSecret(secret: string): void;
}): ReactNode {
  const say = useWords(webhooksWords);
  const sayPart = useWords(partsWords);
  const id = useId();
  const { all, current } = useAccounts();
  const [appid, setAppid] = useState(current?.appid ?? '');
  const [url, setUrl] = useState('');
  const [chosen, setChosen] = useState<readonly string[]>(['outcome', 'receipt']);
  const create = useChange('POST /v1/webhooks', {
    rereads: ['GET /v1/webhooks'],
    onDone: ({ secret }) => {
      onClose();
      if (secret !== null) onSecret(secret);
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    create.mutate({ body: { appid, url: url.trim(), topics: [...chosen] } });
  };
  return (
    <Dialog
      title={say('add')}
      isOpen
      isBusy={create.isPending}
      onClose={onClose}
      actions={
        <>
          <Button onPress={onClose}>{sayPart('cancel')}</Button>
          <Button
            kind="primary"
            type="submit"
            form={id}
            isPending={create.isPending}
            isDisabled={url.trim() === '' || chosen.length === 0}
          >
            {say('add2')}
          </Button>
        </>
      }
    >
      <form id={id} className={css.form} onSubmit={submit}>
        <Select
          label={say('account')}
          value={appid}
          onChange={setAppid}
          options={all.map((one) => ({ id: one.appid, name: accountName(one), about: one.appid }))}
        />
        <Field
          label={say('url')}
          type="url"
          value={url}
          onChange={setUrl}
          hint={say('urlHint')}
          error={fieldProblem(create.error, 'url')}
          mono
          isRequired
          autoFocus
        />
        <fieldset className={css.topics}>
          <legend>{say('topics')}</legend>
          {topics.map((one) => (
            <Checkbox
              key={one}
              isSelected={chosen.includes(one)}
              onChange={(is) => setChosen(is ? [...chosen, one] : chosen.filter((other) => other !== one))}
            >
              {say(`topic.${one}`)} <code className={css.small}>{one}</code>
            </Checkbox>
          ))}
        </fieldset>
        <Failure error={create.error} />
      </form>
    </Dialog>
  );
}
