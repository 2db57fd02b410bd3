import { type FormEvent, type ReactNode, useState } from 'react';
import { accountWords } from '../../src/texts/console/accounts.ts';
import type { Account } from '../parts/account.tsx';
import { useChange, useRead } from '../parts/api.ts';
import { Button } from '../parts/button.tsx';
import { Failure } from '../parts/failure.tsx';
import { Field } from '../parts/field.tsx';
import { useWords } from '../parts/language.tsx';
import { Copyable, Loading, Notice } from '../parts/notice.tsx';
import { Facts, Section } from '../parts/page.tsx';
import { Select } from '../parts/select.tsx';
import { useMay } from '../parts/session.ts';
import { Time } from '../parts/time.tsx';
import css from './accounts.module.css';

const modes = ['secure', 'compatible', 'plain'] as const;
const rereads = [
  'GET /v1/accounts/{appid}/callback',
  'GET /v1/accounts/{appid}',
  'GET /v1/accounts',
] as const;
const everyMs = 10_000;

/** 消息推送: where WeChat tells of receipts and follows, what to paste over there, and whether it works. */
export function Callback({ account: { appid, hasCallback } }: { account: Account }): ReactNode {
  const say = useWords(accountWords);
  const may = useMay();
  const params = { appid };
  const found = useRead('GET /v1/accounts/{appid}/callback', { params }, { isOn: hasCallback });
  const events = useRead(
    'GET /v1/accounts/{appid}/events',
    { params, query: { limit: 1 } },
    { isOn: hasCallback && may('event.read'), everyMs },
  );
  const lastAt = events.data?.data[0]?.receivedAt;
  const settings = hasCallback ? found.data : undefined;
  return (
    <Section title={say('callback.title')} about={say('callback.about')}>
      {hasCallback && found.isPending && <Loading rows={2} />}
      <Failure error={found.error ?? events.error} onRetry={() => void found.refetch()} />
      {!hasCallback && <Notice tone="warn">{say('callback.none')}</Notice>}
      {settings !== undefined && (
        <Facts
          rows={[
            settings.url === null ? null : ['URL', <Copyable key="url" text={settings.url} />, 'long'],
            [say('callback.mode'), say(`callback.mode.${settings.mode}`)],
            events.data === undefined
              ? null
              : [
                  say('callback.last'),
                  lastAt === undefined ? (
                    say('callback.neverCame')
                  ) : (
                    <Time key="last" at={lastAt} precision="second" />
                  ),
                ],
          ]}
        />
      )}
      {may('account.manage') && (settings !== undefined || !hasCallback) && (
        <SetUp
          appid={appid}
          publicUrl={settings?.publicUrl ?? location.origin}
          mode={settings?.mode ?? 'secure'}
        />
      )}
      {may('account.manage') && settings !== undefined && <Checks appid={appid} />}
    </Section>
  );
}

function SetUp({
  appid,
  ...before
}: {
  appid: string;
  publicUrl: string;
  mode: (typeof modes)[number];
}): ReactNode {
  const say = useWords(accountWords);
  const [publicUrl, setPublicUrl] = useState(before.publicUrl);
  const [mode, setMode] = useState(before.mode);
  const save = useChange('PATCH /v1/accounts/{appid}/callback', { rereads });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    save.mutate({ params: { appid }, body: { publicUrl: publicUrl.trim(), mode } });
  };
  return (
    <form className={css.line} onSubmit={submit}>
      <Field
        label={say('callback.publicUrl')}
        value={publicUrl}
        onChange={setPublicUrl}
        hint={say('callback.publicUrlHint')}
        type="url"
        mono
      />
      <Select
        label={say('callback.mode')}
        value={mode}
        onChange={setMode}
        options={modes.map((one) => ({ id: one, name: say(`callback.mode.${one}`) }))}
      />
      <Button type="submit" isPending={save.isPending}>
        {say('callback.save')}
      </Button>
      <Failure error={save.error} />
    </form>
  );
}

function Checks({ appid }: { appid: string }): ReactNode {
  const say = useWords(accountWords);
  const params = { appid };
  const check = useChange('POST /v1/accounts/{appid}/callback/check');
  const [isShown, setShown] = useState(false);
  const paste = useRead('GET /v1/accounts/{appid}/callback/paste', { params }, { isOn: isShown });
  return (
    <>
      <div className={css.buttons}>
        <Button onPress={() => setShown(true)} isPending={isShown && paste.isPending}>
          {say('callback.paste')}
        </Button>
        <Button isPending={check.isPending} onPress={() => check.mutate({ params, body: {} })}>
          {say('callback.check')}
        </Button>
        <span className={css.small}>{say('callback.pasteHint')}</span>
      </div>
      <Failure error={paste.error ?? check.error} />
      {paste.data && (
        <div className={css.paste}>
          <p>{paste.data.place}</p>
          <Facts
            rows={paste.data.lines.map(({ label, value }) => [
              label,
              <Copyable key={label} text={value} isSecret />,
            ])}
          />
        </div>
      )}
      {check.data && (
        <ul className={css.findings}>
          {check.data.findings.map(({ check: name, ok, detail, errcode, errmsg }) => (
            <li key={name}>
              <Notice
                tone={ok ? 'good' : 'danger'}
                title={`${say(`callback.check.${name}`)}${ok ? ` · ${say('callback.ok')}` : ''}`}
              >
                {!ok &&
                  [detail, errcode === null ? null : `${errcode} ${errmsg ?? ''}`]
                    .filter(Boolean)
                    .join(' · ')}
              </Notice>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
