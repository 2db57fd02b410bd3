import { useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useEffect, useState } from 'react';
import { AccountsProvider, useAccountsAhead } from '../parts/account.tsx';
import { useRead } from '../parts/api.ts';
import { isProblem, onConnection, returned } from '../parts/call.ts';
import { Failure } from '../parts/failure.tsx';
import { live } from '../parts/live.ts';
import { Loading } from '../parts/notice.tsx';
import { navigate, usePath } from '../parts/router.tsx';
import { type Me, MeContext } from '../parts/session.ts';
import { FirstStart } from './first-start.tsx';
import { Shell } from './shell.tsx';
import { SessionEnded, SignIn } from './sign-in.tsx';

/** Who is there decides what is shown; a session that ends in between asks for the password over the page. */
export function App(): ReactNode {
  const path = usePath();
  const client = useQueryClient();
  const [hasEnded, setEnded] = useState(false);
  const me = useRead('GET /v1/me', {}, { isOn: path !== '/first-start' });
  useEffect(() => onConnection((what) => what === 'signedOut' && setEnded(true)), []);
  const isSignedIn = me.data !== undefined;
  useAccountsAhead(me.isPending && path !== '/first-start');
  useEffect(() => (isSignedIn ? live.start() : undefined), [isSignedIn]);
  const onSignedIn = async (now: Me): Promise<void> => {
    // Somebody else gets a page of their own: what is open is the work of the one before.
    if (me.data !== undefined && (now.kind !== me.data.kind || now.id !== me.data.id))
      return location.reload();
    returned();
    setEnded(false);
    await client.invalidateQueries();
  };
  if (path === '/first-start') {
    return (
      <FirstStart
        onSignedIn={() => {
          returned();
          client.clear();
          navigate('/start', { replace: true });
        }}
      />
    );
  }
  if (me.data !== undefined) {
    return (
      <MeContext value={me.data}>
        {me.data.permissions.includes('account.read') ? (
          <AccountsProvider>
            <Shell />
          </AccountsProvider>
        ) : (
          <Shell />
        )}
        {hasEnded && <SessionEnded name={me.data.name} onSignedIn={onSignedIn} />}
      </MeContext>
    );
  }
  if (isProblem(me.error) && me.error.status === 401) return <SignIn onSignedIn={onSignedIn} />;
  return me.error === null ? <Loading /> : <Failure error={me.error} onRetry={() => void me.refetch()} />;
}
