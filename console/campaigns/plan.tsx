import { type FormEvent, type ReactNode, useState } from 'react';
import { campaignsWords } from '../../src/texts/console/campaigns.ts';
import { type AnswerOf, useChange, useRead } from '../parts/api.ts';
import { Button, IconButton } from '../parts/button.tsx';
import { Failure } from '../parts/failure.tsx';
import { Field } from '../parts/field.tsx';
import { useWords } from '../parts/language.tsx';
import { PhoneCard } from '../parts/message/phone-card.tsx';
import { Loading, Notice } from '../parts/notice.tsx';
import { Figure, Figures, Section } from '../parts/page.tsx';
import { useMay } from '../parts/session.ts';
import { Table } from '../parts/table.tsx';
import { formatTime } from '../parts/time.tsx';
import css from './campaigns.module.css';
import { duration, grouped } from './words.ts';

type Planned = AnswerOf<'GET /v1/campaigns/{id}/plan'>;

/** What would be sent and to how many; the number is typed, and only what was looked at is confirmed. */
export function Plan({ id, planned }: { id: number; planned: number }): ReactNode {
  const say = useWords(campaignsWords);
  const plan = useRead('GET /v1/campaigns/{id}/plan', { params: { id } });
  if (plan.data === undefined) {
    return plan.isPending ? (
      <Loading rows={5} />
    ) : (
      <Failure error={plan.error} onRetry={() => void plan.refetch()} />
    );
  }
  const { counts } = plan.data.campaign;
  const left = ['duplicate', 'invalid', 'noCredit', 'unfollowed', 'excluded'] as const;
  return (
    <>
      <Figures>
        <Figure name={say('plan.audience')} value={grouped(counts.audience)} />
        <Figure name={say('plan.planned')} value={grouped(counts.planned)} />
        {left
          .filter((name) => counts[name] > 0)
          .map((name) => (
            <Figure key={name} name={say(`plan.${name}`)} value={grouped(counts[name])} />
          ))}
        <Figure name={say('plan.time')} value={duration(say, plan.data.seconds)} />
        {plan.data.quota !== null && (
          <Figure name={say('plan.quota')} value={grouped(plan.data.quota.left)} />
        )}
      </Figures>
      <Facts of={plan.data} />
      <div className={css.both}>
        <div className={css.column}>
          {plan.data.dropped.total > 0 && <Dropped id={id} of={plan.data} />}
          {counts.planned === 0 ? (
            <Notice tone="warn">{say('plan.empty')}</Notice>
          ) : (
            <Confirm
              key={plan.data.planHash}
              id={id}
              planned={planned}
              planHash={plan.data.planHash}
              onLookAgain={() => void plan.refetch()}
            />
          )}
        </div>
        {plan.data.examples.length > 0 && <Examples of={plan.data} />}
      </div>
    </>
  );
}

function Facts({ of: plan }: { of: Planned }): ReactNode {
  const say = useWords(campaignsWords);
  const { quota, quietHours, approvalAbove, hasCanary, campaign } = plan;
  return (
    <>
      {quota !== null && quota.left < campaign.counts.planned && (
        <Notice tone="warn">
          {say('plan.quotaShort', { time: formatTime(new Date(quota.reset), plan.timeZone, 'minute') })}
        </Notice>
      )}
      {quietHours !== null && <Notice>{say('plan.quiet', quietHours)}</Notice>}
      {hasCanary && <Notice>{say('plan.canary')}</Notice>}
      {approvalAbove !== null && <Notice>{say('plan.approval', { limit: approvalAbove })}</Notice>}
    </>
  );
}

function Dropped({ id, of: { dropped } }: { id: number; of: Planned }): ReactNode {
  const say = useWords(campaignsWords);
  return (
    <Section
      title={say('plan.droppedTitle')}
      actions={
        <a href={`/v1/campaigns/${id}/export?dropped=true&withColumns=true`} download>
          {say('plan.droppedFile')}
        </a>
      }
      isFlush
    >
      <Table
        label={say('plan.droppedTitle')}
        isDense
        rows={dropped.rows}
        rowKey={({ line, openid, code }) => `${line} ${openid} ${code}`}
        columns={[
          {
            id: 'line',
            name: say('plan.line'),
            align: 'right',
            cell: ({ line }) => (line === 0 ? '' : line),
          },
          { id: 'openid', name: say('openid'), isExtra: true, cell: ({ openid }) => <code>{openid}</code> },
          { id: 'why', name: say('why'), cell: ({ detail, reason }) => detail || reason },
        ]}
      />
    </Section>
  );
}

function Examples({ of: { examples, accountName } }: { of: Planned }): ReactNode {
  const say = useWords(campaignsWords);
  const [at, setAt] = useState(0);
  const example = examples[Math.min(at, examples.length - 1)];
  if (example === undefined) return null;
  return (
    <aside className={css.example}>
      <div className={css.line}>
        <span className={css.small}>{say('plan.example', { openid: `…${example.openid.slice(-6)}` })}</span>
        <span>
          <IconButton
            icon="chevronLeft"
            label={say('plan.previous')}
            isDisabled={at === 0}
            onPress={() => setAt(at - 1)}
          />
          <IconButton
            icon="chevronRight"
            label={say('plan.next')}
            isDisabled={at + 1 >= examples.length}
            onPress={() => setAt(at + 1)}
          />
        </span>
      </div>
      <PhoneCard source={accountName} card={example.card} />
    </aside>
  );
}

function Confirm({
  id,
  planned,
  planHash,
  onLookAgain,
}: {
  id: number;
  planned: number;
  planHash: string;
  onLookAgain(): void;
}): ReactNode {
  const say = useWords(campaignsWords);
  const may = useMay();
  const [typed, setTyped] = useState('');
  const confirm = useChange('POST /v1/campaigns/{id}/confirm', { rereads: ['GET /v1/campaigns/{id}'] });
  if (!may('campaign.send')) return <Notice>{say('plan.maySend')}</Notice>;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (Number(typed.replaceAll(',', '')) === planned)
      confirm.mutate({ params: { id }, body: { planned, planHash } });
  };
  return (
    <Section title={say('plan.title')}>
      <form className={css.confirm} onSubmit={submit}>
        <Field
          label={say('plan.type', { planned })}
          value={typed}
          onChange={setTyped}
          inputMode="numeric"
          mono
        />
        <Button
          kind="primary"
          type="submit"
          isPending={confirm.isPending}
          isDisabled={Number(typed.replaceAll(',', '')) !== planned || typed === ''}
        >
          {say('plan.send', { planned })}
        </Button>
      </form>
      <Failure error={confirm.error} onRetry={onLookAgain} />
    </Section>
  );
}
