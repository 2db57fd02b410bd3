import { type ReactNode, useState } from 'react';
import { Link } from 'react-aria-components';
import { webhooksWords } from '../../src/texts/console/webhooks.ts';
import { AccountNames } from '../parts/accounts-choice.tsx';
import { type EntryOf, useList } from '../parts/api.ts';
import { Button } from '../parts/button.tsx';
import { Tag } from '../parts/delivery/outcome.tsx';
import { Failure } from '../parts/failure.tsx';
import { useWords } from '../parts/language.tsx';
import { Empty, Loading } from '../parts/notice.tsx';
import { Page, Section } from '../parts/page.tsx';
import { More, Table } from '../parts/table.tsx';
import { formatTime, Time, useZone } from '../parts/time.tsx';
import { AddWebhook } from './add-webhook.tsx';
import { ShownSecret } from './secret.tsx';
import { topicNames } from './topics.ts';
import css from './webhooks.module.css';

type Webhook = EntryOf<'GET /v1/webhooks'>;

const everyMs = 10_000;

export default function WebhooksPage(): ReactNode {
  const say = useWords(webhooksWords);
  const hooks = useList('GET /v1/webhooks', {}, { everyMs });
  const [isAdding, setAdding] = useState(false);
  const [secret, setSecret] = useState<string | null>(null);
  const add = (
    <Button kind="primary" icon="plus" onPress={() => setAdding(true)}>
      {say('add')}
    </Button>
  );
  return (
    <Page title={say('title')} about={say('about')} actions={hooks.rows?.length === 0 ? undefined : add}>
      <Failure error={hooks.error} onRetry={() => void hooks.refetch()} />
      <Section isFlush>
        {hooks.isPending && <Loading />}
        {hooks.rows?.length === 0 && (
          <Empty title={say('empty')} action={add}>
            {say('emptyHint')}
          </Empty>
        )}
        {hooks.rows !== undefined && hooks.rows.length > 0 && <Rows rows={hooks.rows} />}
        <More
          hasMore={hooks.hasNextPage}
          isLoading={hooks.isFetchingNextPage}
          onMore={() => void hooks.fetchNextPage()}
        />
      </Section>
      {isAdding && <AddWebhook onClose={() => setAdding(false)} onSecret={setSecret} />}
      {secret !== null && <ShownSecret secret={secret} onClose={() => setSecret(null)} />}
    </Page>
  );
}

function Rows({ rows }: { rows: Webhook[] }): ReactNode {
  const say = useWords(webhooksWords);
  return (
    <Table
      label={say('title')}
      rows={rows}
      rowKey={({ id }) => String(id)}
      columns={[
        {
          id: 'host',
          name: say('host'),
          cell: ({ id, host }) => <Link href={`/webhooks/${id}`}>{host}</Link>,
        },
        {
          id: 'account',
          name: say('account'),
          isExtra: true,
          cell: ({ appid }) => <AccountNames of={[appid]} all="" />,
        },
        {
          id: 'topics',
          name: say('topics'),
          isExtra: true,
          cell: ({ topics }) => <span className={css.small}>{topicNames(say, topics)}</span>,
        },
        {
          id: 'last',
          name: say('lastDelivered'),
          isExtra: true,
          cell: ({ deliveredAt }) => (deliveredAt === null ? say('never') : <Time at={deliveredAt} />),
        },
        {
          id: 'waiting',
          name: say('waiting'),
          align: 'right',
          cell: ({ waiting }) => waiting.toLocaleString('en-US'),
        },
        { id: 'dead', name: say('dead'), align: 'right', cell: ({ dead }) => dead.toLocaleString('en-US') },
        { id: 'state', name: say('state'), cell: (hook) => <WebhookState of={hook} /> },
      ]}
    />
  );
}

export function WebhookState({
  of: { state, downSince },
}: {
  of: Pick<Webhook, 'state' | 'downSince'>;
}): ReactNode {
  const say = useWords(webhooksWords);
  const zone = useZone();
  if (state === 'paused') return <Tag tone="warn">{say('state.paused')}</Tag>;
  if (downSince === null) return <Tag tone="good">{say('state.active')}</Tag>;
  return <Tag tone="bad">{say('state.down', { time: formatTime(new Date(downSince), zone, 'minute') })}</Tag>;
}
