import { type ReactNode, useState } from 'react';
import { startWords } from '../../src/texts/console/start.ts';
import type { Account } from '../parts/account.tsx';
import { type AnswerOf, type EntryOf, useChange, useList, useRead } from '../parts/api.ts';
import { Button, ButtonLink } from '../parts/button.tsx';
import { DeliveryTable } from '../parts/delivery/delivery-table.tsx';
import { Failure } from '../parts/failure.tsx';
import { Field } from '../parts/field.tsx';
import { useWords } from '../parts/language.tsx';
import { sampleOf, type Template } from '../parts/message/field-rule.ts';
import { Select } from '../parts/select.tsx';
import { useMay } from '../parts/session.ts';
import css from './start.module.css';

/** By which the test is found again, by whoever comes back. */
const ref = 'first-test';
const everyMs = 2_000;

export interface FirstTest {
  /** The newest; null: none was sent. */
  sent: EntryOf<'GET /v1/deliveries'> | null;
  error: unknown;
}

export function useFirstTest({ appid }: Account): FirstTest {
  const may = useMay();
  const query = { appid, ref, limit: 1 };
  const found = useList('GET /v1/deliveries', { query }, { isOn: may('message.read'), everyMs });
  return { sent: found.rows?.[0] ?? null, error: found.error };
}

export function TestStep({
  account,
  templates,
  test: { sent, error },
  simulated,
}: {
  account: Account;
  templates: readonly Template[];
  test: FirstTest;
  /** Where the phone is, of the simulated account. */
  simulated: AnswerOf<'GET /v1/simulation'>['running'];
}): ReactNode {
  const say = useWords(startWords);
  const may = useMay();
  return (
    <>
      {sent !== null && <DeliveryTable rows={[sent]} />}
      <Failure error={error} />
      {simulated !== null && sent !== null && (
        <div className={css.buttons}>
          <ButtonLink href={`${simulated.url}/?person=0&chat=${simulated.appid}`} icon="phone" isElsewhere>
            {say('phone')}
          </ButtonLink>
        </div>
      )}
      {templates.length === 0 ? (
        <div className={css.hint}>{say('before', { step: say('sync') })}</div>
      ) : (
        may('message.send') && (
          <Form
            key={simulated?.openid ?? ''}
            account={account}
            templates={templates}
            isFirst={sent === null}
            simulated={simulated}
          />
        )
      )}
    </>
  );
}

function Form({
  account,
  templates,
  isFirst,
  simulated,
}: {
  account: Account;
  templates: readonly Template[];
  isFirst: boolean;
  simulated: AnswerOf<'GET /v1/simulation'>['running'];
}): ReactNode {
  const say = useWords(startWords);
  const may = useMay();
  const { appid, testOpenids } = account;
  // A template message needs no subscription.
  const usual = templates.find(({ channel }) => channel === 'oa-template') ?? templates[0];
  const [templateId, setTemplateId] = useState(usual?.templateId ?? '');
  const [touser, setTouser] = useState(simulated?.openid ?? testOpenids[0] ?? '');
  // By their events: the list of contacts has no order of time.
  const follows = useRead(
    'GET /v1/accounts/{appid}/events',
    { params: { appid }, query: { type: 'follow', limit: 10 } },
    { isOn: simulated === null && account.kind !== 'miniprogram' && may('event.read'), everyMs: 5_000 },
  );
  const newest = [...new Set(follows.data?.data.map(({ openid }) => openid))].slice(0, 5);
  const remember = useChange('PATCH /v1/accounts/{appid}', { rereads: ['GET /v1/accounts'] });
  const send = useChange('POST /v1/messages', { rereads: ['GET /v1/deliveries'] });
  const template = templates.find((one) => one.templateId === templateId) ?? usual;
  const submit = async (): Promise<void> => {
    if (template === undefined) return;
    const openid = touser.trim();
    if (may('account.manage') && !testOpenids.includes(openid)) {
      const body = { testOpenids: [openid, ...testOpenids].slice(0, 20) };
      await remember.mutateAsync({ params: { appid }, body }).catch(() => {}); // what is wrong is shown below
    }
    send.mutate({ body: messageOf(appid, openid, template) });
  };
  return (
    <>
      {isFirst && <div className={css.hint}>{say('testHint')}</div>}
      <div className={css.form}>
        <Select
          label={say('template')}
          value={template?.templateId ?? ''}
          onChange={setTemplateId}
          options={templates.map((one) => ({ id: one.templateId, name: one.title, about: one.templateId }))}
        />
        <Field
          label={say('to')}
          value={touser}
          onChange={setTouser}
          mono
          hint={say(
            simulated !== null ? 'toHintSimulated' : account.kind === 'miniprogram' ? 'toHintMp' : 'toHint',
          )}
        />
      </div>
      {newest.length > 0 && (
        <div className={css.suggested}>
          <span className={css.small}>{say('newest')}</span>
          {newest.map((openid) => (
            <Button key={openid} kind="quiet" onPress={() => setTouser(openid)}>
              <code>{openid}</code>
            </Button>
          ))}
        </div>
      )}
      <Failure error={remember.error ?? send.error} />
      <div className={css.buttons}>
        <Button
          isPending={send.isPending || remember.isPending}
          isDisabled={touser.trim() === ''}
          onPress={() => void submit()}
        >
          {say(isFirst ? 'testDo' : 'testAgain')}
        </Button>
      </div>
    </>
  );
}

/** WeChat's own sample values. */
function messageOf(appid: string, touser: string, { templateId, channel, fields, example }: Template) {
  const samples = example.split('\n');
  const data = Object.fromEntries(
    fields.map(({ key, label, values }, index) => {
      const sample = sampleOf(samples[index] ?? '');
      return [key, { value: values?.[0] ?? (sample === '' ? label : sample) }];
    }),
  );
  return { appid, channel, touser, template_id: templateId, data, ref, wait: 5_000 };
}
