import { type ReactNode, useId } from 'react';
import { startWords } from '../../src/texts/console/start.ts';
import { type Account, useAccounts } from '../parts/account.tsx';
import { useRead } from '../parts/api.ts';
import { ButtonLink } from '../parts/button.tsx';
import { Tag } from '../parts/delivery/outcome.tsx';
import { Icon } from '../parts/icon.tsx';
import { useWords } from '../parts/language.tsx';
import { Page, Section } from '../parts/page.tsx';
import { useMay } from '../parts/session.ts';
import { CallbackStep, useCallbackState } from './callback.tsx';
import { Connect } from './connect.tsx';
import css from './start.module.css';
import { SyncStep, useSynced } from './sync.tsx';
import { TestStep, useFirstTest } from './test.tsx';

/** From nothing to the first message. What is done is asked of the server, so that whoever comes back goes on there. */
export default function StartPage(): ReactNode {
  const say = useWords(startWords);
  const { current } = useAccounts();
  return (
    <Page title={say('title')} about={say('about')}>
      <Section>
        {current === null ? (
          <ol className={css.steps}>
            <Step no={1} title={say('account')} state="open">
              <Connect account={null} />
            </Step>
            {(['callback', 'sync', 'test'] as const).map((name, index) => (
              <Step
                key={name}
                no={index + 2}
                title={say(name)}
                state={name === 'callback' ? 'later' : 'open'}
              >
                <div className={css.hint}>{say('before', { step: say('account') })}</div>
              </Step>
            ))}
          </ol>
        ) : (
          <Steps key={current.appid} account={current} />
        )}
      </Section>
    </Page>
  );
}

function Steps({ account }: { account: Account }): ReactNode {
  const say = useWords(startWords);
  const may = useMay();
  const simulation = useRead('GET /v1/simulation', {}).data;
  const callback = useCallbackState(account);
  const synced = useSynced(account);
  const test = useFirstTest(account);
  const isSimulated = simulation?.appid === account.appid;
  return (
    <>
      <ol className={css.steps}>
        <Step no={1} title={say('account')} state="done">
          <Connect account={account} />
        </Step>
        <Step no={2} title={say('callback')} state={callback.lastAt === null ? 'later' : 'done'}>
          <CallbackStep account={account} state={callback} />
        </Step>
        <Step no={3} title={say('sync')} state={synced.isDone ? 'done' : 'open'}>
          <SyncStep account={account} synced={synced} />
        </Step>
        <Step no={4} title={say('test')} state={test.sent === null ? 'open' : 'done'}>
          <TestStep
            account={account}
            templates={synced.templates}
            test={test}
            simulated={isSimulated ? (simulation?.running ?? null) : null}
          />
        </Step>
      </ol>
      {test.sent !== null && may('campaign.create') && (
        <div className={css.buttons}>
          {say('next')}
          <ButtonLink kind="primary" href={`/campaigns/new?account=${account.appid}`}>
            {say('newCampaign')}
          </ButtonLink>
        </div>
      )}
    </>
  );
}

function Step({
  no,
  title,
  state,
  children,
}: {
  no: number;
  title: string;
  state: 'done' | 'open' | 'later';
  children: ReactNode;
}): ReactNode {
  const say = useWords(startWords);
  const id = useId();
  return (
    <li className={css.step} aria-labelledby={id}>
      <span className={css.mark} aria-hidden="true" data-done={state === 'done' ? '' : undefined}>
        {state === 'done' ? <Icon name="check" /> : no}
      </span>
      <div className={css.body}>
        <h2 id={id}>
          {title} <Tag {...(state === 'done' ? { tone: 'good' as const } : {})}>{say(state)}</Tag>
        </h2>
        {children}
      </div>
    </li>
  );
}
