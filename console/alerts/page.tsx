import { type ReactNode, useState } from 'react';
import { alertsWords } from '../../src/texts/console/alerts.ts';
import { useList, useRead } from '../parts/api.ts';
import { Button, ButtonLink } from '../parts/button.tsx';
import { Tag } from '../parts/delivery/outcome.tsx';
import { SecretDialog } from '../parts/dialog.tsx';
import { Failure } from '../parts/failure.tsx';
import { Choice } from '../parts/field.tsx';
import { useWords } from '../parts/language.tsx';
import { Empty, Loading, Notice } from '../parts/notice.tsx';
import { Page, Section } from '../parts/page.tsx';
import { useQueryValue } from '../parts/router.tsx';
import { useMay } from '../parts/session.ts';
import { More, Table } from '../parts/table.tsx';
import { Time } from '../parts/time.tsx';
import { AddChannel } from './add-channel.tsx';
import css from './alerts.module.css';
import { Channels } from './channels.tsx';

const everyMs = 10_000;
/** A node looks every ten seconds. */
const unseenMs = 60_000;

export default function AlertsPage(): ReactNode {
  const say = useWords(alertsWords);
  const may = useMay();
  const [isAdding, setAdding] = useState(false);
  const [secret, setSecret] = useState<string | null>(null);
  const mayManage = may('alert.manage');
  return (
    <Page
      title={say('title')}
      about={say('about')}
      actions={
        mayManage && (
          <Button kind="primary" icon="plus" onPress={() => setAdding(true)}>
            {say('add')}
          </Button>
        )
      }
    >
      <Incidents />
      {mayManage && <Channels />}
      {isAdding && <AddChannel onClose={() => setAdding(false)} onSecret={setSecret} />}
      {secret !== null && (
        <SecretDialog
          title={say('secretTitle')}
          done={say('done')}
          secret={secret}
          onClose={() => setSecret(null)}
        >
          <p>{say('signHint')}</p>
        </SecretDialog>
      )}
    </Page>
  );
}

function Incidents(): ReactNode {
  const say = useWords(alertsWords);
  const [shown, setShown] = useQueryValue('show', 'open');
  const isOpen = shown !== 'all';
  const found = useList('GET /v1/incidents', isOpen ? { query: { state: 'open' } } : {}, { everyMs });
  const look = useRead('GET /v1/incidents', { query: { limit: 1 } }, { everyMs });
  const lookedAt = look.data?.lookedAt;
  const isUnseen =
    look.data !== undefined && (lookedAt == null || Date.now() - new Date(lookedAt).getTime() > unseenMs);
  return (
    <Section title={say('incidents')}>
      <Choice
        label={say('incidents')}
        isLabelHidden
        value={isOpen ? 'open' : 'all'}
        onChange={setShown}
        options={[
          { id: 'open', name: say('open') },
          { id: 'all', name: say('all') },
        ]}
      />
      {isUnseen && <Notice tone="warn">{say('unseen')}</Notice>}
      <Failure error={found.error} onRetry={() => void found.refetch()} />
      {found.isPending && <Loading />}
      {found.rows?.length === 0 && <Empty title={say(isOpen ? 'nothingOpen' : 'nothingEver')} />}
      {found.rows !== undefined && found.rows.length > 0 && (
        <Table
          label={say('incidents')}
          rows={found.rows}
          rowKey={({ id }) => String(id)}
          columns={[
            {
              id: 'what',
              name: say('what'),
              cell: ({ title, why, do: hint, state }) => (
                <>
                  {title}
                  <div className={css.small}>{why}</div>
                  {state === 'open' && <div className={css.small}>{hint}</div>}
                </>
              ),
            },
            { id: 'since', name: say('since'), cell: ({ since }) => <Time at={since} /> },
            {
              id: 'until',
              name: say('until'),
              cell: ({ endedAt }) =>
                endedAt === null ? <Tag tone="warn">{say('stillOpen')}</Tag> : <Time at={endedAt} />,
            },
            { id: 'told', name: say('told'), isExtra: true, cell: ({ tellings }) => <Told of={tellings} /> },
            {
              id: 'look',
              name: '',
              align: 'right',
              cell: ({ path, state }) =>
                state === 'open' && path !== '/alerts' && <ButtonLink href={path}>{say('look')}</ButtonLink>,
            },
          ]}
        />
      )}
      <More
        hasMore={found.hasNextPage}
        isLoading={found.isFetchingNextPage}
        onMore={() => void found.fetchNextPage()}
      />
    </Section>
  );
}

function Told({ of }: { of: readonly { state: string }[] }): ReactNode {
  const say = useWords(alertsWords);
  if (of.length === 0) return say('toldNobody');
  return say('toldSome', { told: of.filter(({ state }) => state === 'told').length, all: of.length });
}
