import { type FormEvent, type ReactNode, useEffect, useState } from 'react';
import type { Phone, PhoneAccount } from '../../src/simulator/index.ts';
import { phoneWords } from '../../src/texts/console/phone.ts';
import { Button, IconButton } from '../parts/button.tsx';
import { Field, Switch } from '../parts/field.tsx';
import { useWords } from '../parts/language.tsx';
import { Copyable, Notice } from '../parts/notice.tsx';
import { Facts, Section } from '../parts/page.tsx';
import { useQueryValue } from '../parts/router.tsx';
import { Select } from '../parts/select.tsx';
import { toast } from '../parts/toast.tsx';
import { EventLog } from './event-log.tsx';
import { accountName, nameOf } from './names.ts';
import css from './operator.module.css';
import type { Sheet } from './sheets.tsx';
import { simulator } from './simulator.ts';
import { chooseSilently } from './subscribe-sheet.tsx';
import { Wechat } from './wechat.tsx';

interface Props {
  phone: Phone;
  onPerson(index: number): void;
  onSheet(sheet: Sheet): void;
}

/** Beside the phone: who it belongs to, what they do, and what WeChat does to them. */
export function Operator({ phone, onPerson, onSheet }: Props): ReactNode {
  const say = useWords(phoneWords);
  const [appid, setAppid] = useQueryValue('account');
  const account = phone.accounts.find((one) => one.appid === appid) ?? phone.accounts[0];
  if (account === undefined) return <Notice>{say('noPeople')}</Notice>;
  const { index, people } = phone;
  return (
    <div className={css.operator}>
      <Section
        title={nameOf(index)}
        about={say('personAbout', { number: index + 1, people })}
        actions={<Walk index={index} people={people} onPerson={onPerson} />}
      >
        <Finder onPerson={onPerson} />
        {phone.accounts.length > 1 && (
          <Select
            label={say('account')}
            value={account.appid}
            onChange={setAppid}
            options={phone.accounts.map((one) => ({
              id: one.appid,
              name: accountName(one, phone.accounts, say),
              about: one.appid,
            }))}
          />
        )}
        <Facts
          rows={[
            [say('openid'), <Copyable key="openid" text={account.openid} />],
            [say('received'), account.received.toLocaleString('en-US')],
          ]}
        />
        {!account.hasCallback && <Notice tone="warn">{say('callbackOff')}</Notice>}
      </Section>
      <Acts account={account} onSheet={onSheet} />
      <Wechat account={account} />
      <EventLog account={account} />
    </div>
  );
}

function Walk({
  index,
  people,
  onPerson,
}: {
  index: number;
  people: number;
  onPerson(index: number): void;
}): ReactNode {
  const say = useWords(phoneWords);
  return (
    <>
      <IconButton
        icon="chevronLeft"
        label={say('previous')}
        isDisabled={index === 0}
        onPress={() => onPerson(index - 1)}
      />
      <IconButton
        icon="chevronRight"
        label={say('next')}
        isDisabled={index + 1 >= people}
        onPress={() => onPerson(index + 1)}
      />
      <Button onPress={() => onPerson(Math.floor(Math.random() * people))}>{say('random')}</Button>
    </>
  );
}

function Finder({ onPerson }: { onPerson(index: number): void }): ReactNode {
  const say = useWords(phoneWords);
  const [openid, setOpenid] = useState('');
  const [isUnknown, setUnknown] = useState(false);
  const find = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (openid.trim() === '') return;
    try {
      const { index } = await simulator.people(openid.trim());
      setOpenid('');
      onPerson(index);
    } catch {
      setUnknown(true);
    }
  };
  return (
    <form className={css.finder} onSubmit={find}>
      <Field
        label={say('find')}
        value={openid}
        mono
        onChange={(text) => {
          setOpenid(text);
          setUnknown(false);
        }}
        error={isUnknown ? say('notFound') : undefined}
      />
      <Button type="submit">{say('findGo')}</Button>
    </form>
  );
}

/** What the person does besides what is done on the phone itself. */
function Acts({ account, onSheet }: { account: PhoneAccount; onSheet(sheet: Sheet): void }): ReactNode {
  const say = useWords(phoneWords);
  const { appid, openid, kind, follows, refuses } = account;
  const [issued, setIssued] = useState<{ openid: string; name: string; id: string } | null>(null);
  const issue = async (source: 'form' | 'prepay'): Promise<void> => {
    const { form_id: id } = await simulator.act<{ form_id: string }>(appid, 'form-ids', { openid, source });
    setIssued({ openid, name: say(source === 'form' ? 'acts.formId' : 'acts.prepayId'), id });
  };
  const subscribable = account.templates.filter(({ family }) => family === 'subscribe');
  const hasForms = account.templates.some(({ family }) => family === 'form');
  // What was issued to somebody else is not this person's.
  useEffect(() => setIssued((before) => (before?.openid === openid ? before : null)), [openid]);
  return (
    <Section title={say('acts.title')}>
      <div className={css.buttons}>
        {kind !== 'miniprogram' && (
          <Button onPress={() => simulator.act(appid, follows ? 'unfollow' : 'follow', { openid })}>
            {say(follows ? 'unfollow' : 'follow')}
          </Button>
        )}
        {subscribable.length > 0 && (
          <Button
            onPress={async () => {
              if (await chooseSilently(account)) toast(say('subscribe.silent'));
              else onSheet({ kind: 'subscribe', appid });
            }}
          >
            {say('acts.popup')}
          </Button>
        )}
        {hasForms && (
          <>
            <Button onPress={() => issue('form')}>{say('acts.form')}</Button>
            <Button onPress={() => issue('prepay')}>{say('acts.pay')}</Button>
          </>
        )}
      </div>
      <Switch
        isSelected={refuses}
        onChange={(is) => simulator.act(appid, is ? 'messages/block' : 'messages/unblock', { openid })}
      >
        {say('refuseAll')}
      </Switch>
      {issued !== null && <Facts rows={[[issued.name, <Copyable key={issued.id} text={issued.id} />]]} />}
      {subscribable.length > 0 && (
        <Facts
          rows={subscribable.map(({ template_id: id, title }) => [
            `${title} · ${say('acts.credits')}`,
            account.credits[id] ?? 0,
          ])}
        />
      )}
    </Section>
  );
}
