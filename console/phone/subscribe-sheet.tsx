import { type ReactNode, useState } from 'react';
import type { PhoneAccount } from '../../src/simulator/index.ts';
import { phoneWords } from '../../src/texts/console/phone.ts';
import { useWords } from '../parts/language.tsx';
import { Avatar } from './avatar.tsx';
import { HalfScreen } from './half-screen.tsx';
import { accountName } from './names.ts';
import css from './sheets.module.css';
import { simulator } from './simulator.ts';

/** WeChat takes so many templates in one call. */
const maxTemplates = 5;

interface Choice {
  template_id: string;
  choice: 'accept' | 'reject';
}

/** Which person keeps which choices: a real phone remembers, and so does this page until it is closed. */
const keptChoices = new Map<string, readonly Choice[]>();

/** `wx.requestSubscribeMessage` and `<wx-open-subscribe>`: up to five templates, each allowed or not. */
export function SubscribeSheet({
  account,
  accounts,
  onClose,
}: {
  account: PhoneAccount;
  accounts: readonly PhoneAccount[];
  onClose(): void;
}): ReactNode {
  const say = useWords(phoneWords);
  const offered = account.templates.filter(({ family }) => family === 'subscribe').slice(0, maxTemplates);
  const [chosen, setChosen] = useState(() => new Set(offered.map(({ template_id: id }) => id)));
  const [isKept, setKept] = useState(false);
  const answer = async (accepts: boolean): Promise<void> => {
    const choices = offered.map(
      ({ template_id }): Choice => ({
        template_id,
        choice: accepts && chosen.has(template_id) ? 'accept' : 'reject',
      }),
    );
    await simulator.act(account.appid, 'subscriptions/choose', { openid: account.openid, choices });
    if (accepts && isKept) keptChoices.set(account.openid, choices);
    onClose();
  };
  const toggle = (id: string): void => {
    const next = new Set(chosen);
    if (!next.delete(id)) next.add(id);
    setChosen(next);
  };
  const name = accountName(account, accounts, say);
  return (
    <HalfScreen
      title={
        <span className={css.asker}>
          <Avatar kind={account.kind} isSmall /> {name} {say('subscribe.ask')}
        </span>
      }
      onClose={() => void answer(false)}
    >
      <div className="weui-cells weui-cells_checkbox">
        {offered.map(({ template_id: id, title, type }) => (
          <label key={id} className={`weui-cell weui-check__label ${css.choice}`}>
            <input type="checkbox" checked={chosen.has(id)} onChange={() => toggle(id)} />
            <span className="weui-cell__bd">
              {title}
              <span className={css.about}>{say(type === 3 ? 'subscribe.long' : 'subscribe.once')}</span>
            </span>
          </label>
        ))}
      </div>
      <label className={css.keep}>
        <input type="checkbox" checked={isKept} onChange={() => setKept(!isKept)} />
        {say('subscribe.always')}
      </label>
      <div className={css.pair}>
        <button type="button" className={css.button} onClick={() => void answer(false)}>
          {say('subscribe.reject')}
        </button>
        <button
          type="button"
          className={`${css.button} ${css.primary}`}
          disabled={chosen.size === 0}
          onClick={() => void answer(true)}
        >
          {say('subscribe.accept')}
        </button>
      </div>
    </HalfScreen>
  );
}

/** A tap under 总是保持: no dialog, no event, and a credit all the same for what was allowed then. False if there is no kept choice. */
export async function chooseSilently(account: PhoneAccount): Promise<boolean> {
  const choices = keptChoices.get(account.openid);
  if (choices === undefined) return false;
  await simulator.act(account.appid, 'subscriptions/choose', {
    openid: account.openid,
    choices,
    silent: true,
  });
  return true;
}
