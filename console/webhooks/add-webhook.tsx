import { type ReactNode, useState } from 'react';
import { webhooksWords } from '../../src/texts/console/webhooks.ts';
import { accountName, useAccounts } from '../parts/account.tsx';
import { useChange } from '../parts/api.ts';
import { fieldProblem } from '../parts/call.ts';
import { FormDialog } from '../parts/dialog.tsx';
import { Checkbox, Field } from '../parts/field.tsx';
import { useWords } from '../parts/language.tsx';
import { Select } from '../parts/select.tsx';
import { offeredTopics } from './topics.ts';
import css from './webhooks.module.css';

export function AddWebhook({
  onClose,
  onSecret,
}: {
  onClose(): void;
  onSecret(secret: string): void;
}): ReactNode {
  const say = useWords(webhooksWords);
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
  const submit = (): void => {
    create.mutate({ body: { appid, url: url.trim(), topics: [...chosen] } });
  };
  return (
    <FormDialog
      title={say('add')}
      submit={say('add2')}
      change={create}
      isReady={url.trim() !== '' && chosen.length > 0}
      onSubmit={submit}
      onClose={onClose}
    >
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
        {offeredTopics.map((one) => (
          <Checkbox
            key={one}
            isSelected={chosen.includes(one)}
            onChange={(is) => setChosen(is ? [...chosen, one] : chosen.filter((other) => other !== one))}
          >
            {say(`topic.${one}`)} <code className={css.small}>{one}</code>
          </Checkbox>
        ))}
      </fieldset>
    </FormDialog>
  );
}
