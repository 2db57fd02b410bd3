import type { ReactNode } from 'react';
import { useRead } from '../parts/api.ts';
import { speak } from '../parts/call.ts';
import { Failure } from '../parts/failure.tsx';
import { locale, useLanguage } from '../parts/language.tsx';
import { Loading } from '../parts/notice.tsx';
import { MeContext } from '../parts/session.ts';
import { Shell } from './shell.tsx';

/** Who is there decides what is shown. */
export function App(): ReactNode {
  const { lang } = useLanguage();
  speak(locale(lang));
  const me = useRead('GET /v1/me', {});
  if (me.data === undefined)
    return me.error === null ? <Loading /> : <Failure error={me.error} onRetry={() => void me.refetch()} />;
  return (
    <MeContext value={me.data}>
      <Shell />
    </MeContext>
  );
}
