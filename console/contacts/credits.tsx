import type { ReactNode } from 'react';
import { contactsWords } from '../../src/texts/console/contacts.ts';
import { type AnswerOf, useRead } from '../parts/api.ts';
import { Failure } from '../parts/failure.tsx';
import { useWords } from '../parts/language.tsx';
import { Empty, Loading } from '../parts/notice.tsx';
import { Section } from '../parts/page.tsx';
import { Table } from '../parts/table.tsx';
import { Time } from '../parts/time.tsx';
import css from './contacts.module.css';

type CreditsAnswer = AnswerOf<'GET /v1/contacts/{openid}/credits'>;

/** What is left of somebody's subscriptions by template, and what that number comes from. */
export function Credits({ appid, openid }: { appid: string; openid: string }): ReactNode {
  const say = useWords(contactsWords);
  const found = useRead('GET /v1/contacts/{openid}/credits', { params: { openid }, query: { appid } });
  const { credits = [], sources = [], formIds = [] } = found.data ?? {};
  const titles = new Map(credits.map(({ templateId, title }) => [templateId, title ?? templateId]));
  const titleOf = (templateId: string): string => titles.get(templateId) ?? templateId;
  const isNothing = credits.length === 0 && sources.length === 0 && formIds.length === 0;
  return (
    <>
      <Failure error={found.error} onRetry={() => void found.refetch()} />
      <Section title={say('credits')} about={say('creditsAbout')} isFlush>
        {found.isPending && <Loading />}
        {found.data !== undefined && isNothing && <Empty title={say('noCredits')} />}
        {credits.length > 0 && <Balances of={credits} titleOf={titleOf} />}
        {formIds.length > 0 && <FormIds of={formIds} />}
      </Section>
      {sources.length > 0 && (
        <Section title={say('why')} isFlush>
          <Sources of={sources} titleOf={titleOf} />
        </Section>
      )}
    </>
  );
}

function Balances({
  of,
  titleOf,
}: {
  of: CreditsAnswer['credits'];
  titleOf(templateId: string): string;
}): ReactNode {
  const say = useWords(contactsWords);
  return (
    <Table
      label={say('credits')}
      rows={of}
      rowKey={({ templateId }) => templateId}
      columns={[
        {
          id: 'template',
          name: say('template'),
          cell: ({ templateId }) => <span className={css.openid}>{titleOf(templateId)}</span>,
        },
        {
          id: 'left',
          name: say('leftCount'),
          align: 'right',
          cell: ({ known, unlimited, left }) => {
            if (!known) return say('unknown');
            return unlimited ? say('unlimited') : left;
          },
        },
        {
          id: 'reserved',
          name: say('reserved'),
          align: 'right',
          cell: ({ reserved }) => <span title={say('reservedHint')}>{reserved}</span>,
        },
      ]}
    />
  );
}

function FormIds({ of }: { of: CreditsAnswer['formIds'] }): ReactNode {
  const say = useWords(contactsWords);
  return (
    <Table
      label={say('formIds')}
      rows={of}
      rowKey={({ kind, formId }) => `${kind} ${formId}`}
      columns={[
        {
          id: 'formId',
          name: say('formIds'),
          cell: ({ kind, formId }) => (
            <>
              <code>…{formId}</code>{' '}
              <span className={css.small}>{kind === 'form' ? 'form_id' : 'prepay_id'}</span>
            </>
          ),
        },
        { id: 'left', name: say('leftCount'), align: 'right', cell: ({ left }) => left },
        {
          id: 'until',
          name: say('until'),
          cell: ({ expiresAt }) => expiresAt !== null && <Time at={expiresAt} />,
        },
      ]}
    />
  );
}

function Sources({
  of,
  titleOf,
}: {
  of: CreditsAnswer['sources'];
  titleOf(templateId: string): string;
}): ReactNode {
  const say = useWords(contactsWords);
  return (
    <Table
      label={say('why')}
      isDense
      rows={of.map((source, index) => ({ ...source, index }))}
      rowKey={({ index }) => String(index)}
      columns={[
        { id: 'time', name: say('time'), cell: ({ at }) => <Time at={at} precision="second" /> },
        { id: 'what', name: say('why'), cell: ({ kind }) => say(`source.${kind}`) },
        {
          id: 'template',
          name: say('template'),
          isExtra: true,
          cell: ({ templateId }) => <span className={css.openid}>{titleOf(templateId)}</span>,
        },
        {
          id: 'change',
          name: say('change'),
          align: 'right',
          cell: ({ delta, sets }) =>
            sets === null ? `${delta > 0 ? '+' : ''}${delta}` : say('sets', { count: sets }),
        },
      ]}
    />
  );
}
