import { type ReactNode, useState } from 'react';
import { accountWords } from '../../src/texts/console/accounts.ts';
import { type AnswerOf, useChange } from './api.ts';
import { fieldProblem } from './call.ts';
import { FormDialog } from './dialog.tsx';
import { Field } from './field.tsx';
import { useWords } from './language.tsx';
import { Select } from './select.tsx';

const kinds = ['service', 'miniprogram', 'sandbox', 'official'] as const;
const sources = ['secret', 'url', 'none'] as const;

/** Nothing is stored before WeChat has taken the credentials; what it says otherwise stands in the form. */
export function AddAccount({
  onClose,
  onAdded,
}: {
  onClose(): void;
  onAdded(account: AnswerOf<'POST /v1/accounts'>): void;
}): ReactNode {
  const say = useWords(accountWords);
  const [kind, setKind] = useState<(typeof kinds)[number]>('service');
  const [source, setSource] = useState<(typeof sources)[number]>('secret');
  const [text, setText] = useState({ appid: '', name: '', secret: '', url: '', baseUrl: '' });
  const set = (name: keyof typeof text) => (value: string) => setText({ ...text, [name]: value });
  const create = useChange('POST /v1/accounts', {
    rereads: ['GET /v1/accounts'],
    onDone: (account) => {
      onClose();
      onAdded(account);
    },
  });
  const submit = (): void => {
    create.mutate({
      body: {
        appid: text.appid.trim(),
        kind,
        token:
          source === 'secret'
            ? { source, secret: text.secret.trim() }
            : source === 'url'
              ? { source, url: text.url.trim() }
              : { source },
        ...(text.name.trim() === '' ? {} : { name: text.name.trim() }),
        ...(text.baseUrl.trim() === '' ? {} : { baseUrl: text.baseUrl.trim() }),
      },
    });
  };
  return (
    <FormDialog
      title={say('add')}
      submit={say('check')}
      change={create}
      isReady={text.appid !== ''}
      onSubmit={submit}
      onClose={onClose}
    >
      <Select
        label={say('kind')}
        value={kind}
        onChange={setKind}
        options={kinds.map((one) => ({ id: one, name: say(`kind.${one}`) }))}
      />
      <Field
        label={say('appid')}
        value={text.appid}
        onChange={set('appid')}
        hint={say('appidHint')}
        error={fieldProblem(create.error, 'appid')}
        mono
        isRequired
        autoFocus
      />
      <Field label={say('name')} value={text.name} onChange={set('name')} hint={say('nameHint')} />
      <Select
        label={say('source')}
        value={source}
        onChange={setSource}
        options={sources.map((one) => ({ id: one, name: say(`source.${one}`) }))}
      />
      {source === 'secret' && (
        <Field
          label={say('secret')}
          type="password"
          value={text.secret}
          onChange={set('secret')}
          hint={say('secretHint')}
          isRequired
          error={fieldProblem(create.error, 'token.secret')}
          autoComplete="off"
          mono
        />
      )}
      {source === 'url' && (
        <Field label={say('tokenUrl')} value={text.url} onChange={set('url')} type="url" mono />
      )}
      <Field
        label={say('baseUrl')}
        value={text.baseUrl}
        onChange={set('baseUrl')}
        hint={say('baseUrlHint')}
        error={fieldProblem(create.error, 'baseUrl')}
        type="url"
        mono
      />
    </FormDialog>
  );
}
