import type { ReactNode } from 'react';
import { startWords } from '../../src/texts/console/start.ts';
import type { Account } from '../parts/account.tsx';
import { useRead } from '../parts/api.ts';
import { ButtonLink } from '../parts/button.tsx';
import { Failure } from '../parts/failure.tsx';
import { useWords } from '../parts/language.tsx';
import { useMay } from '../parts/session.ts';
import { formatTime, useZone } from '../parts/time.tsx';
import css from './start.module.css';

const everyMs = 3_000;

export interface CallbackState {
  /** What WeChat is to call; null: nobody has said. */
  url: string | null;
  /** When the last push came; null: none has. */
  lastAt: string | null;
  error: unknown;
}

/** A push that has come is the only proof that it works. */
export function useCallbackState({ appid, hasCallback }: Account): CallbackState {
  const may = useMay();
  const params = { appid };
  const settings = useRead('GET /v1/accounts/{appid}/callback', { params }, { isOn: hasCallback });
  const events = useRead(
    'GET /v1/accounts/{appid}/events',
    { params, query: { limit: 1 } },
    { isOn: may('event.read'), everyMs },
  );
  return {
    url: settings.data?.url ?? null,
    lastAt: events.data?.data[0]?.receivedAt ?? null,
    error: settings.error ?? events.error,
  };
}

export function CallbackStep({
  account,
  state: { url, lastAt, error },
}: {
  account: Account;
  state: CallbackState;
}): ReactNode {
  const say = useWords(startWords);
  const may = useMay();
  const zone = useZone();
  return (
    <>
      {lastAt !== null ? (
        <div>{say('callbackDone', { time: formatTime(new Date(lastAt), zone, 'second') })}</div>
      ) : (
        <div className={css.hint}>{url === null ? say('callbackHint') : say('callbackSet', { url })}</div>
      )}
      <Failure error={error} />
      {may('account.manage') && lastAt === null && (
        <div className={css.buttons}>
          <ButtonLink href={`/accounts/${account.appid}`}>
            {say(url === null ? 'callbackDo' : 'callbackLook')}
          </ButtonLink>
        </div>
      )}
    </>
  );
}
