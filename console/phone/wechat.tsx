import { type ReactNode, useEffect, useState } from 'react';
import type { PhoneAccount } from '../../src/simulator/index.ts';
import { phoneWords } from '../../src/texts/console/phone.ts';
import { Button } from '../parts/button.tsx';
import { Switch } from '../parts/field.tsx';
import { useWords } from '../parts/language.tsx';
import { Section } from '../parts/page.tsx';
import { toast } from '../parts/toast.tsx';
import css from './operator.module.css';
import { simulator } from './simulator.ts';

const hourMs = 3_600_000;
/** Where messages are sent; what goes wrong here goes wrong for sends and not for lists or tokens. */
const sendPath = '/cgi-bin/message/';

/** What WeChat does: reviews, refusals, time. */
export function Wechat({ account }: { account: PhoneAccount }): ReactNode {
  const say = useWords(phoneWords);
  const { appid, openid, held, blacklisted, templates } = account;
  const [failing, setFailing] = useState<number | null>(null);
  useEffect(() => {
    // Faults of the command line and of other pages count too.
    void simulator.faults().then(({ faults }) => {
      const forAll = faults.find(({ kind, rate }) => rate === 1 && (kind === -1 || kind === 45009));
      setFailing(forAll === undefined ? null : Number(forAll.kind));
    });
  }, []);
  const fail = async (errcode: number | null): Promise<void> => {
    await simulator.clearFaults();
    if (errcode !== null) await simulator.addFault({ kind: errcode, rate: 1, path: sendPath });
    setFailing(errcode);
  };
  const hasReviews = templates.some(({ family }) => family === 'oa');
  return (
    <Section title={say('wechat.title')}>
      {hasReviews && (
        <div className={css.buttons}>
          <Button
            onPress={async () => {
              await simulator.act(appid, 'holds/options', { next: 1, reviewMs: null });
              toast(say('wechat.holding'));
            }}
          >
            {say('wechat.hold')}
          </Button>
          <span className={css.words}>{say('wechat.held', held)}</span>
          <Button
            isDisabled={held.mine === 0}
            onPress={() => simulator.act(appid, 'holds/release', { openids: [openid] })}
          >
            {say('wechat.release')}
          </Button>
          <Button
            isDisabled={held.mine === 0}
            onPress={() => simulator.act(appid, 'holds/block', { openids: [openid] })}
          >
            {say('wechat.block')}
          </Button>
        </div>
      )}
      <div className={css.switches}>
        <Switch isSelected={failing === -1} onChange={(is) => fail(is ? -1 : null)}>
          {say('wechat.busy')}
        </Switch>
        <Switch isSelected={failing === 45009} onChange={(is) => fail(is ? 45009 : null)}>
          {say('wechat.quota')}
        </Switch>
        {account.kind !== 'miniprogram' && (
          <Switch
            isSelected={blacklisted}
            onChange={(is) => simulator.act(appid, is ? 'block' : 'unblock', { openid })}
          >
            {say('wechat.blacklist')}
          </Switch>
        )}
      </div>
      <div className={css.buttons}>
        <Button
          onPress={async () => {
            await simulator.addFault({ kind: 'cut', next: 1, path: sendPath });
            toast(say('wechat.cutting'));
          }}
        >
          {say('wechat.cut')}
        </Button>
        <Button onPress={() => simulator.advance(hourMs)}>{say('wechat.hour')}</Button>
        <Button onPress={() => simulator.advance(24 * hourMs)}>{say('wechat.day')}</Button>
        <Button onPress={() => simulator.advance(7 * 24 * hourMs)}>{say('wechat.week')}</Button>
      </div>
    </Section>
  );
}
