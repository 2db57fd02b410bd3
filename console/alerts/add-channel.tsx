import { type ReactNode, useState } from 'react';
import { alertsWords } from '../../src/texts/console/alerts.ts';
import { AccountsChoice } from '../parts/accounts-choice.tsx';
import { useChange } from '../parts/api.ts';
import { fieldProblem } from '../parts/call.ts';
import { FormDialog } from '../parts/dialog.tsx';
import { Field } from '../parts/field.tsx';
import { useLanguage, useWords } from '../parts/language.tsx';
import { Select } from '../parts/select.tsx';

const kinds = ['wecom', 'dingtalk', 'feishu', 'email', 'webhook'] as const;
type Kind = (typeof kinds)[number];

const blank = {
  url: '',
  secret: '',
  keyword: '',
  host: '',
  port: '465',
  user: '',
  password: '',
  from: '',
  to: '',
};
type Typed = typeof blank;

export function AddChannel({
  onClose,
  onSecret,
}: {
  onClose(): void;
  onSecret(secret: string): void;
}): ReactNode {
  const say = useWords(alertsWords);
  const { lang } = useLanguage();
  const [kind, setKind] = useState<Kind>('wecom');
  const [name, setName] = useState('');
  const [appids, setAppids] = useState<readonly string[] | null>(null);
  const [typed, setTyped] = useState<Typed>(blank);
  const create = useChange('POST /v1/alerts', {
    rereads: ['GET /v1/alerts'],
    onDone: ({ secret }) => {
      onClose();
      if (secret !== null) onSecret(secret);
    },
  });
  const field = (
    key: keyof Typed,
    more: { hint?: string; isRequired?: boolean; type?: 'password' | 'url' } = {},
  ) => (
    <Field
      label={say(key)}
      value={typed[key]}
      onChange={(value) => setTyped({ ...typed, [key]: value })}
      error={fieldProblem(create.error, key)}
      mono={key !== 'keyword'}
      {...more}
    />
  );
  const isEmail = kind === 'email';
  const needed = isEmail ? [typed.host, typed.port, typed.from, typed.to] : [typed.url];
  const submit = (): void => {
    const common = { name: name.trim(), lang, appids: appids === null ? null : [...appids] };
    create.mutate({ body: { ...common, ...targetOf(kind, typed) } });
  };
  return (
    <FormDialog
      title={say('add')}
      submit={say('add2')}
      change={create}
      isReady={needed.every((one) => one.trim() !== '') && appids?.length !== 0}
      onSubmit={submit}
      onClose={onClose}
    >
      <Select
        label={say('kind')}
        value={kind}
        onChange={setKind}
        options={kinds.map((one) => ({ id: one, name: say(`kind.${one}`) }))}
      />
      {!isEmail &&
        field('url', {
          type: 'url',
          hint: say(kind === 'webhook' ? 'hookHint' : 'urlHint'),
          isRequired: true,
        })}
      {(kind === 'dingtalk' || kind === 'feishu') && (
        <>
          {field('secret', { type: 'password', hint: say('secretHint') })}
          {field('keyword', { hint: say('keywordHint') })}
        </>
      )}
      {isEmail && (
        <>
          {field('host', { isRequired: true })}
          {field('port', { hint: say('portHint'), isRequired: true })}
          {field('user')}
          {field('password', { type: 'password' })}
          {field('from', { isRequired: true })}
          {field('to', { hint: say('toHint'), isRequired: true })}
        </>
      )}
      <Field label={say('name')} value={name} onChange={setName} hint={say('nameHint')} />
      <AccountsChoice label={say('accounts')} value={appids} onChange={setAppids} />
    </FormDialog>
  );
}

/** What of the fields belongs to the kind; what is empty is left out. */
function targetOf(kind: Kind, typed: Typed) {
  const given = (text: string): string | null => (text.trim() === '' ? null : text.trim());
  const url = typed.url.trim();
  switch (kind) {
    case 'wecom':
    case 'webhook':
      return { kind, url };
    case 'dingtalk':
    case 'feishu':
      return { kind, url, secret: given(typed.secret), keyword: given(typed.keyword) };
    case 'email':
      return {
        ...{ kind, host: typed.host.trim(), port: Number(typed.port), user: given(typed.user) },
        ...{ password: given(typed.password), from: typed.from.trim() },
        to: typed.to.split(/[,，;\s]+/).filter((one) => one !== ''),
      };
  }
}
