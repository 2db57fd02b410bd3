import type { ReactNode } from 'react';
import type { Phone, PhoneAccount } from '../../src/simulator/index.ts';
import { phoneWords } from '../../src/texts/console/phone.ts';
import { useWords } from '../parts/language.tsx';
import { Avatar } from './avatar.tsx';
import { HalfScreen } from './half-screen.tsx';
import type { Card } from './message.ts';
import { accountName, nameOf } from './names.ts';
import css from './sheets.module.css';
import { simulator } from './simulator.ts';
import { SubscribeSheet } from './subscribe-sheet.tsx';

/** What rises from the lower edge of the phone. */
export type Sheet =
  | { kind: 'opened'; target: NonNullable<Card['target']> }
  | { kind: 'card'; appid: string; templateId: string }
  | { kind: 'account'; appid: string }
  | { kind: 'subscribe'; appid: string };

export function Sheets({
  sheet,
  phone,
  onClose,
}: {
  sheet: Sheet | null;
  phone: Phone;
  onClose(): void;
}): ReactNode {
  if (sheet === null) return null;
  if (sheet.kind === 'opened') return <OpenedSheet target={sheet.target} onClose={onClose} />;
  const account = phone.accounts.find(({ appid }) => appid === sheet.appid);
  if (account === undefined) return null;
  switch (sheet.kind) {
    case 'card':
      return <CardSheet account={account} templateId={sheet.templateId} onClose={onClose} />;
    case 'account':
      return <AccountSheet account={account} phone={phone} onClose={onClose} />;
    case 'subscribe':
      return <SubscribeSheet account={account} accounts={phone.accounts} onClose={onClose} />;
  }
}

function OpenedSheet({
  target,
  onClose,
}: {
  target: NonNullable<Card['target']>;
  onClose(): void;
}): ReactNode {
  const say = useWords(phoneWords);
  return (
    <HalfScreen title={say('opens')} onClose={onClose}>
      <div className="weui-cells">
        <div className="weui-cell">
          <div className="weui-cell__bd">
            <p className={css.about}>{say(target.kind === 'page' ? 'opensPage' : 'opensMiniprogram')}</p>
            <p className={css.address}>{target.text}</p>
          </div>
        </div>
      </div>
      <SheetButton onPress={onClose}>{say('done')}</SheetButton>
    </HalfScreen>
  );
}

/** "…" of a card. A template that can be subscribed to is switched off, with a credit or without. */
function CardSheet({
  account: { appid, openid, templates },
  templateId,
  onClose,
}: {
  account: PhoneAccount;
  templateId: string;
  onClose(): void;
}): ReactNode {
  const say = useWords(phoneWords);
  const template = templates.find(({ template_id: id }) => id === templateId);
  const isSubscribe = template?.family === 'subscribe';
  return (
    <HalfScreen title={template?.title ?? say('cardMenu')} onClose={onClose}>
      <SheetButton
        isWarning
        onPress={async () => {
          if (isSubscribe) {
            await simulator.act(appid, 'subscriptions/turn-off', { openid, template_ids: [templateId] });
          } else await simulator.act(appid, 'messages/block', { openid });
          onClose();
        }}
      >
        {say(isSubscribe ? 'refuse' : 'refuseAll')}
      </SheetButton>
      <SheetButton onPress={onClose}>{say('cancel')}</SheetButton>
    </HalfScreen>
  );
}

/** "…" of an account's chat. */
function AccountSheet({
  account,
  phone,
  onClose,
}: {
  account: PhoneAccount;
  phone: Phone;
  onClose(): void;
}): ReactNode {
  const say = useWords(phoneWords);
  const { appid, openid, follows, refuses, kind } = account;
  const isOfficial = kind !== 'miniprogram';
  return (
    <HalfScreen title={accountName(account, phone.accounts, say)} onClose={onClose}>
      <div className="weui-cells">
        <div className="weui-cell">
          <div className={`weui-cell__hd ${css.avatar}`}>
            <Avatar kind={kind} />
          </div>
          <div className="weui-cell__bd">
            <p>{appid}</p>
            <p className={css.about}>{nameOf(phone.index)}</p>
          </div>
        </div>
        <label className="weui-cell weui-cell_switch">
          <span className="weui-cell__bd">{say('receive')}</span>
          <span className="weui-cell__ft">
            <input
              className="weui-switch"
              type="checkbox"
              role="switch"
              aria-checked={!refuses}
              checked={!refuses}
              onChange={() =>
                simulator.act(appid, refuses ? 'messages/unblock' : 'messages/block', { openid })
              }
            />
          </span>
        </label>
      </div>
      {isOfficial && (
        <SheetButton
          isWarning={follows}
          onPress={async () => {
            await simulator.act(appid, follows ? 'unfollow' : 'follow', { openid });
            onClose();
          }}
        >
          {say(follows ? 'unfollow' : 'follow')}
        </SheetButton>
      )}
      <SheetButton onPress={onClose}>{say('cancel')}</SheetButton>
    </HalfScreen>
  );
}

function SheetButton({
  children,
  isWarning = false,
  onPress,
}: {
  children: ReactNode;
  isWarning?: boolean;
  onPress(): unknown;
}): ReactNode {
  return (
    <button
      type="button"
      className={`${css.button} ${isWarning ? css.warning : ''}`}
      onClick={() => onPress()}
    >
      {children}
    </button>
  );
}
