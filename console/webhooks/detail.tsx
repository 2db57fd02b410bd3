import { type ReactNode, useState } from 'react';
import { webhooksWords } from '../../src/texts/console/webhooks.ts';
import { AccountNames } from '../parts/accounts-choice.tsx';
import { type AnswerOf, useChange, useList, useRead } from '../parts/api.ts';
import { Button, ButtonLink } from '../parts/button.tsx';
import { Tag } from '../parts/delivery/outcome.tsx';
import { QuestionDialog } from '../parts/dialog.tsx';
import { Failure } from '../parts/failure.tsx';
import { useWords } from '../parts/language.tsx';
import { Menu } from '../parts/menu.tsx';
import { Empty, Loading } from '../parts/notice.tsx';
import { Page, Section } from '../parts/page.tsx';
import { navigate } from '../parts/router.tsx';
import { More, Table } from '../parts/table.tsx';
import { Time } from '../parts/time.tsx';
import { toast } from '../parts/toast.tsx';
import { WebhookState } from './page.tsx';
import { ShownSecret } from './secret.tsx';
import { topicNames } from './topics.ts';
import css from './webhooks.module.css';

const everyMs = 10_000;
const tones = { pending: 'busy', delivered: 'good', dead: 'bad' } as const;
const rereads = ['GET /v1/webhooks/{id}', 'GET /v1/webhooks', 'GET /v1/webhooks/{id}/deliveries'] as const;

export default function WebhookPage({ params }: { params: Record<string, string> }): ReactNode {
  const say = useWords(webhooksWords);
  const id = Number(params.id);
  const hook = useRead('GET /v1/webhooks/{id}', { params: { id } }, { everyMs });
  const posts = useList('GET /v1/webhooks/{id}/deliveries', { params: { id } }, { everyMs });
  const replay = useChange('POST /v1/webhooks/{id}/replay', {
    rereads,
    onDone: ({ replayed }) => toast(say('replayed', { count: replayed })),
  });
  const found = hook.data;
  return (
    <Page
      title={found?.host ?? say('title')}
      about={
        found && (
          <>
            <WebhookState of={found} /> {topicNames(say, found.topics)} ·{' '}
            <AccountNames of={[found.appid]} all="" />
          </>
        )
      }
      actions={
        <>
          <ButtonLink href="/webhooks">{say('all')}</ButtonLink>
          {found && <Actions of={found} />}
        </>
      }
    >
      <Failure error={hook.error ?? replay.error} onRetry={() => void hook.refetch()} />
      <Section
        title={say('deliveries')}
        actions={
          found !== undefined &&
          found.dead > 0 && (
            <Button isPending={replay.isPending} onPress={() => replay.mutate({ params: { id }, body: {} })}>
              {say('replayAll')}
            </Button>
          )
        }
        isFlush
      >
        {posts.isPending && <Loading />}
        {posts.rows?.length === 0 && <Empty title={say('noDeliveries')} />}
        {posts.rows !== undefined && posts.rows.length > 0 && (
          <Table
            label={say('deliveries')}
            rows={posts.rows}
            rowKey={(post) => post.id}
            columns={[
              {
                id: 'time',
                name: say('time'),
                cell: ({ createdAt }) => <Time at={createdAt} precision="second" />,
              },
              {
                id: 'state',
                name: say('state'),
                cell: ({ state }) => <Tag tone={tones[state]}>{say(`post.${state}`)}</Tag>,
              },
              { id: 'items', name: say('items'), align: 'right', isExtra: true, cell: ({ items }) => items },
              {
                id: 'attempts',
                name: say('attempts'),
                align: 'right',
                isExtra: true,
                cell: ({ attempts }) => attempts,
              },
              {
                id: 'error',
                name: say('error'),
                isExtra: true,
                cell: ({ lastError }) => <span className={css.small}>{lastError}</span>,
              },
              {
                id: 'replay',
                name: '',
                align: 'right',
                cell: (post) => (
                  <Button
                    kind="quiet"
                    onPress={() => replay.mutate({ params: { id }, body: { delivery: post.id } })}
                  >
                    {say('replay')}
                  </Button>
                ),
              },
            ]}
          />
        )}
        <More
          hasMore={posts.hasNextPage}
          isLoading={posts.isFetchingNextPage}
          onMore={() => void posts.fetchNextPage()}
        />
      </Section>
    </Page>
  );
}

function Actions({ of: hook }: { of: AnswerOf<'GET /v1/webhooks/{id}'> }): ReactNode {
  const say = useWords(webhooksWords);
  const [isRemoving, setRemoving] = useState(false);
  const [secret, setSecret] = useState<string | null>(null);
  const params = { id: hook.id };
  const test = useChange('POST /v1/webhooks/{id}/test', {
    rereads,
    onDone: ({ host }) => toast(say('tested', { host })),
  });
  const state = useChange('PUT /v1/webhooks/{id}/state', { rereads });
  const rotate = useChange('POST /v1/webhooks/{id}/rotate', { onDone: (made) => setSecret(made.secret) });
  const remove = useChange('DELETE /v1/webhooks/{id}', {
    rereads: ['GET /v1/webhooks'],
    onDone: () => navigate('/webhooks'),
  });
  const next = hook.state === 'active' ? 'paused' : 'active';
  return (
    <>
      <Button isPending={test.isPending} onPress={() => test.mutate({ params })}>
        {say('test')}
      </Button>
      <Menu
        label={say('moreOf', { host: hook.host })}
        button={<Button icon="more">{say('more')}</Button>}
        entries={[
          {
            id: 'state',
            name: say(next === 'paused' ? 'pause' : 'resume'),
            onAction: () => state.mutate({ params, body: { state: next } }),
          },
          { id: 'rotate', name: say('rotate'), onAction: () => rotate.mutate({ params, body: {} }) },
          { id: 'remove', name: say('remove'), onAction: () => setRemoving(true) },
        ]}
      />
      <Failure error={test.error ?? state.error ?? rotate.error} />
      {secret !== null && <ShownSecret secret={secret} onClose={() => setSecret(null)} />}
      <QuestionDialog
        title={say('removeTitle', { host: hook.host })}
        yes={say('remove')}
        change={remove}
        isOpen={isRemoving}
        onYes={() => remove.mutate({ params })}
        onClose={() => setRemoving(false)}
      >
        <p>{say('removeHint')}</p>
      </QuestionDialog>
    </>
  );
}
