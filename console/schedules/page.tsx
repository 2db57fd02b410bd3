import { type ReactNode, useState } from 'react';
import { Link } from 'react-aria-components';
import { together } from '../../src/texts/catalogue.ts';
import { schedulesWords } from '../../src/texts/console/schedules.ts';
import { useAccounts } from '../parts/account.tsx';
import { type EntryOf, useChange, useList } from '../parts/api.ts';
import { Button, IconButton } from '../parts/button.tsx';
import { Tag } from '../parts/delivery/outcome.tsx';
import { QuestionDialog } from '../parts/dialog.tsx';
import { Failure } from '../parts/failure.tsx';
import { useWords } from '../parts/language.tsx';
import { Menu } from '../parts/menu.tsx';
import { Empty, Loading } from '../parts/notice.tsx';
import { Page, Section } from '../parts/page.tsx';
import { useWhenWords } from '../parts/schedule/when-words.ts';
import { useMay } from '../parts/session.ts';
import { More, Table } from '../parts/table.tsx';
import { Time, ZoneProvider } from '../parts/time.tsx';
import { ScheduleForm } from './form.tsx';
import css from './schedules.module.css';

type Schedule = EntryOf<'GET /v1/schedules'>;

const rereads = ['GET /v1/schedules'] as const;

export default function SchedulesPage(): ReactNode {
  const say = useWords(schedulesWords);
  const may = useMay();
  const whenName = useWhenWords();
  const found = useList('GET /v1/schedules', {});
  const [removing, setRemoving] = useState<Schedule | null>(null);
  const [form, setForm] = useState<Schedule | 'new' | null>(null);
  const { all, current } = useAccounts();
  const mayChange = may('campaign.send');
  const create = mayChange && current !== null && (
    <Button kind="primary" icon="plus" onPress={() => setForm('new')}>
      {say('create')}
    </Button>
  );
  const account = form === null || form === 'new' ? current : all.find(({ appid }) => appid === form.appid);
  return (
    <Page
      title={say('title')}
      about={mayChange ? say('about') : together(say('about'), say('maySend'))}
      actions={found.rows?.length === 0 ? undefined : create}
    >
      <Failure error={found.error} onRetry={() => void found.refetch()} />
      <Section isFlush>
        {found.isPending && <Loading />}
        {found.rows?.length === 0 && (
          <Empty title={say('empty')} action={create}>
            {say('emptyHint')}
          </Empty>
        )}
        {found.rows !== undefined && found.rows.length > 0 && (
          <Table
            label={say('title')}
            rows={found.rows}
            rowKey={({ id }) => String(id)}
            columns={[
              {
                id: 'name',
                name: say('name'),
                cell: ({ id, templateTitle, templateId }) => `#${id} ${templateTitle ?? templateId ?? ''}`,
              },
              {
                id: 'cron',
                name: say('cron'),
                isExtra: true,
                cell: ({ cron, timeZone }) => (
                  <>
                    {whenName(cron)}
                    <div className={css.small}>{timeZone}</div>
                  </>
                ),
              },
              {
                id: 'to',
                name: say('to'),
                isExtra: true,
                cell: ({ audience }) =>
                  audience.kind === 'all'
                    ? say('to.all')
                    : audience.kind === 'tag'
                      ? say('to.tag', { tag: String(audience.tagId) })
                      : say('to.filter', { id: String(audience.id) }),
              },
              {
                id: 'next',
                name: say('next'),
                cell: ({ nextRunAt, nextRuns, timeZone }) =>
                  nextRunAt === null ? (
                    '–'
                  ) : (
                    <ZoneProvider zone={timeZone}>
                      <Time at={nextRunAt} />
                      <div className={css.small}>
                        {nextRuns.slice(1, 3).map((run) => (
                          <div key={run}>
                            <Time at={run} />
                          </div>
                        ))}
                      </div>
                    </ZoneProvider>
                  ),
              },
              {
                id: 'last',
                name: say('last'),
                isExtra: true,
                cell: ({ lastCampaign, lastMissed }) => (
                  <>
                    {lastCampaign !== null && (
                      <Link href={`/campaigns/${lastCampaign}`}>#{lastCampaign}</Link>
                    )}{' '}
                    {lastMissed !== null && (
                      <Tag tone="warn">{say('missed', { time: lastMissed.replace('T', ' ') })}</Tag>
                    )}
                  </>
                ),
              },
              {
                id: 'state',
                name: say('state'),
                cell: ({ pausedAt }) => (
                  <Tag tone={pausedAt === null ? 'good' : 'warn'}>
                    {say(pausedAt === null ? 'active' : 'paused')}
                  </Tag>
                ),
              },
              {
                id: 'more',
                name: '',
                align: 'right',
                cell: (schedule) =>
                  mayChange && <Actions of={schedule} onRemove={setRemoving} onEdit={setForm} />,
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
      {form !== null && account != null && (
        <ScheduleForm account={account} of={form === 'new' ? null : form} onClose={() => setForm(null)} />
      )}
      {removing !== null && <Remove of={removing} onClose={() => setRemoving(null)} />}
    </Page>
  );
}

function Actions({
  of: schedule,
  onRemove,
  onEdit,
}: {
  of: Schedule;
  onRemove(schedule: Schedule): void;
  onEdit(schedule: Schedule): void;
}): ReactNode {
  const say = useWords(schedulesWords);
  const params = { id: schedule.id };
  const pause = useChange('POST /v1/schedules/{id}/pause', { rereads });
  const resume = useChange('POST /v1/schedules/{id}/resume', { rereads });
  const label = say('more', { id: String(schedule.id) });
  return (
    <>
      <Menu
        label={label}
        button={<IconButton icon="more" label={label} />}
        entries={[
          { id: 'edit', name: say('edit'), onAction: () => onEdit(schedule) },
          schedule.pausedAt === null
            ? { id: 'pause', name: say('pause'), onAction: () => pause.mutate({ params }) }
            : { id: 'resume', name: say('resume'), onAction: () => resume.mutate({ params }) },
          { id: 'remove', name: say('remove'), onAction: () => onRemove(schedule) },
        ]}
      />
      <Failure error={pause.error ?? resume.error} />
    </>
  );
}

function Remove({ of: { id }, onClose }: { of: Schedule; onClose(): void }): ReactNode {
  const say = useWords(schedulesWords);
  const remove = useChange('DELETE /v1/schedules/{id}', { rereads, onDone: onClose });
  return (
    <QuestionDialog
      title={say('removeTitle', { id: String(id) })}
      yes={say('remove')}
      change={remove}
      onYes={() => remove.mutate({ params: { id } })}
      onClose={onClose}
    >
      <p>{say('removeHint')}</p>
    </QuestionDialog>
  );
}
