import { type ReactNode, useState } from 'react';
import { accountWords } from '../../src/texts/console/accounts.ts';
import { type Account, accountName } from '../parts/account.tsx';
import { useChange, useRead } from '../parts/api.ts';
import { Button, ButtonLink } from '../parts/button.tsx';
import { QuestionDialog } from '../parts/dialog.tsx';
import { Failure } from '../parts/failure.tsx';
import { Field } from '../parts/field.tsx';
import { useWords } from '../parts/language.tsx';
import { Loading } from '../parts/notice.tsx';
import { Page, Section } from '../parts/page.tsx';
import { navigate } from '../parts/router.tsx';
import { useMay } from '../parts/session.ts';
import { ZoneProvider } from '../parts/time.tsx';
import { toast } from '../parts/toast.tsx';
import { Callback } from './callback.tsx';
import { AccountState } from './page.tsx';
import { Quota } from './quota.tsx';
import { Relay } from './relay.tsx';
import { Rules } from './rules.tsx';

const rereads = ['GET /v1/accounts', 'GET /v1/accounts/{appid}'] as const;

export default function AccountPage({ params }: { params: Record<string, string> }): ReactNode {
  const say = useWords(accountWords);
  const { appid = '' } = params;
  const found = useRead('GET /v1/accounts/{appid}', { params: { appid } });
  const may = useMay();
  const account = found.data;
  if (account === undefined) {
    return (
      <Page title={appid} actions={<ButtonLink href="/accounts">{say('toList')}</ButtonLink>}>
        {found.isPending ? <Loading /> : <Failure error={found.error} onRetry={() => void found.refetch()} />}
      </Page>
    );
  }
  return (
    <ZoneProvider zone={account.timeZone}>
      <Page
        title={accountName(account)}
        about={
          <>
            {say(`kind.${account.kind}`)} · <code>{appid}</code> · <AccountState of={account} />
          </>
        }
        actions={may('account.manage') && <Actions account={account} />}
      >
        <Quota key={`quota ${appid}`} account={account} />
        <Callback account={account} />
        <Rules key={appid} account={account} />
        <Relay account={account} />
        {may('account.manage') && <Remove account={account} />}
      </Page>
    </ZoneProvider>
  );
}

function Actions({ account }: { account: Account }): ReactNode {
  const say = useWords(accountWords);
  const params = { appid: account.appid };
  const [isAsking, setAsking] = useState(false);
  const check = useChange('POST /v1/accounts/{appid}/check', {
    rereads,
    onDone: () => toast(say('checked')),
  });
  const resume = useChange('POST /v1/accounts/{appid}/resume', {
    rereads,
    onDone: ({ pausedCampaigns }) => toast(say('resumed', { count: pausedCampaigns.length })),
  });
  const pause = useChange('POST /v1/accounts/{appid}/pause', { rereads, onDone: () => setAsking(false) });
  return (
    <>
      <Button isPending={check.isPending} onPress={() => check.mutate({ params })}>
        {say('checkNow')}
      </Button>
      {account.state === 'active' ? (
        <Button icon="pause" onPress={() => setAsking(true)}>
          {say('pause')}
        </Button>
      ) : (
        <Button
          icon="play"
          kind="primary"
          isPending={resume.isPending}
          onPress={() => resume.mutate({ params })}
        >
          {say('resume')}
        </Button>
      )}
      <Failure error={check.error ?? resume.error} />
      <QuestionDialog
        title={say('pauseTitle', { name: accountName(account) })}
        yes={say('pause')}
        change={pause}
        isOpen={isAsking}
        onYes={() => pause.mutate({ params })}
        onClose={() => setAsking(false)}
      >
        <p>{say('pauseHint')}</p>
      </QuestionDialog>
    </>
  );
}

function Remove({ account: { appid } }: { account: Account }): ReactNode {
  const say = useWords(accountWords);
  const [typed, setTyped] = useState('');
  const [isOpen, setOpen] = useState(false);
  const remove = useChange('DELETE /v1/accounts/{appid}', {
    rereads: ['GET /v1/accounts'],
    onDone: (gone) => {
      toast(say('removed', gone));
      navigate('/accounts');
    },
  });
  return (
    <Section title={say('remove.title')} about={say('remove.about')}>
      <div>
        <Button onPress={() => setOpen(true)}>{say('remove.title')}</Button>
      </div>
      <QuestionDialog
        title={say('remove.title')}
        yes={say('remove.do')}
        change={remove}
        isOpen={isOpen}
        isReady={typed === appid}
        onYes={() => remove.mutate({ params: { appid } })}
        onClose={() => setOpen(false)}
      >
        <p>{say('remove.about')}</p>
        <Field
          label={say('remove.type')}
          value={typed}
          onChange={setTyped}
          placeholder={appid}
          mono
          autoFocus
        />
      </QuestionDialog>
    </Section>
  );
}
