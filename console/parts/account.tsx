import { createContext, type ReactNode, useContext, useEffect, useMemo } from 'react';
import { type EntryOf, useRead } from './api.ts';
import { Failure } from './failure.tsx';
import { keep, kept } from './kept.ts';
import { Loading } from './notice.tsx';
import { navigate, useSearch, withQuery } from './router.tsx';
import { ZoneProvider } from './time.tsx';

export type Account = EntryOf<'GET /v1/accounts'>;

interface Accounts {
  all: readonly Account[];
  /** The one that is looked at; null where there is none yet. */
  current: Account | null;
}

const AccountsContext = createContext<Accounts>({ all: [], current: null });

/** More accounts than this stand in nobody's list. */
const most = 500;

/** Asks for the accounts while it is still being asked who is there, where somebody was before: the answer is kept. */
export function useAccountsAhead(isOn: boolean): void {
  useRead('GET /v1/accounts', { query: { limit: most } }, { isOn: isOn && kept('account') !== null });
}

/** Which account the pages are about: the one in the address, else the last one, else the first. */
export function AccountsProvider({ children }: { children: ReactNode }): ReactNode {
  const wanted = useSearch().get('account') ?? kept('account');
  const found = useRead('GET /v1/accounts', { query: { limit: most } });
  const value = useMemo(() => {
    const all = found.data?.data ?? [];
    return { all, current: all.find(({ appid }) => appid === wanted) ?? all[0] ?? null };
  }, [found.data, wanted]);
  const { current } = value;
  useEffect(() => {
    if (current !== null) keep('account', current.appid);
  }, [current]);
  if (found.isPending) return <Loading />;
  if (found.data === undefined) return <Failure error={found.error} onRetry={() => void found.refetch()} />;
  return (
    <AccountsContext value={value}>
      <ZoneProvider zone={current?.timeZone ?? 'Asia/Shanghai'}>{children}</ZoneProvider>
    </AccountsContext>
  );
}

export function useAccounts(): Accounts {
  return useContext(AccountsContext);
}

/** The name that people gave it, else its appid. */
export function accountName({ name, appid }: Pick<Account, 'name' | 'appid'>): string {
  return name === '' ? appid : name;
}

/** Whether messages of it go to a WeChat on this machine, which is none. */
export function isSimulated({ baseUrl }: Pick<Account, 'baseUrl'>): boolean {
  return baseUrl !== null && /^https?:\/\/(?:127\.\d+\.\d+\.\d+|localhost|\[::1\])(?:[:/]|$)/.test(baseUrl);
}

export function chooseAccount(appid: string): void {
  keep('account', appid);
  navigate(withQuery({ account: appid }), { replace: true });
}
