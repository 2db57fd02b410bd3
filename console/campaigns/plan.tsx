import { type ReactNode, useState } from 'react';
import { campaignsWords } from '../../src/texts/console/campaigns.ts';
import { useRead } from '../parts/api.ts';
import { IconButton } from '../parts/button.tsx';
import { Checks, type Planned } from '../parts/campaign/checks.tsx';
import { Confirm } from '../parts/campaign/confirm.tsx';
import { Failure } from '../parts/failure.tsx';
import { useWords } from '../parts/language.tsx';
import { PhoneCard } from '../parts/message/phone-card.tsx';
import { Loading } from '../parts/notice.tsx';
import { Section } from '../parts/page.tsx';
import { Table } from '../parts/table.tsx';
import css from './campaigns.module.css';

/** What would be sent and to how many; the number is typed, and only what was looked at is confirmed. */
export function Plan({ id }: { id: number }): ReactNode {
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
  return (
    <div className={css.both}>
      <div className={css.column}>
        <Checks of={plan.data} />
        {plan.data.dropped.total > 0 && <Dropped id={id} of={plan.data} />}
        {counts.planned > 0 && (
          <Section title={say('plan.title')}>
            <Confirm
              key={plan.data.planHash}
              id={id}
              planned={counts.planned}
              planHash={plan.data.planHash}
              onLookAgain={() => void plan.refetch()}
            />
          </Section>
        )}
      </div>
      {plan.data.examples.length > 0 && <Examples of={plan.data} />}
    </div>
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
