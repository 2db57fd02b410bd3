import { type ReactNode, useState } from 'react';
import { Link } from 'react-aria-components';
import { campaignsWords } from '../../../src/texts/console/campaigns.ts';
import { draftsWords } from '../../../src/texts/console/drafts.ts';
import { type EntryOf, useChange, useList } from '../api.ts';
import { Button } from '../button.tsx';
import { QuestionDialog } from '../dialog.tsx';
import { Failure } from '../failure.tsx';
import { useWords } from '../language.tsx';
import { Section } from '../page.tsx';
import { More, Table } from '../table.tsx';
import { Time } from '../time.tsx';
import { byWhom } from './by-whom.ts';

type Draft = EntryOf<'GET /v1/drafts'>;

/** What was begun and not finished, by whomever: anybody who may create campaigns goes on with it. Nothing where there is none. */
export function Drafts({ appid, limit = 5 }: { appid?: string; limit?: number }): ReactNode {
  const say = useWords(draftsWords);
  const sayCampaign = useWords(campaignsWords);
  const found = useList('GET /v1/drafts', { query: { ...(appid === undefined ? {} : { appid }), limit } });
  const [removing, setRemoving] = useState<Draft | null>(null);
  const rows = found.rows ?? [];
  if (rows.length === 0) return <Failure error={found.error} onRetry={() => void found.refetch()} />;
  const nameOf = ({ name }: Draft): string => (name === '' ? say('unnamed') : name);
  return (
    <Section title={say('title')} isFlush>
      <Table
        label={say('title')}
        isDense
        rows={rows}
        rowKey={({ id }) => String(id)}
        columns={[
          {
            id: 'name',
            name: say('name'),
            cell: (draft) => (
              <Link href={`/campaigns/new?draft=${draft.id}&account=${draft.appid}`}>{nameOf(draft)}</Link>
            ),
          },
          {
            id: 'who',
            name: say('changedBy'),
            isExtra: true,
            cell: ({ changedBy }) => byWhom(sayCampaign, changedBy),
          },
          { id: 'when', name: say('changedAt'), cell: ({ changedAt }) => <Time at={changedAt} /> },
          {
            id: 'remove',
            name: '',
            align: 'right',
            cell: (draft) => (
              <Button
                kind="quiet"
                aria-label={say('removeThis', { name: nameOf(draft) })}
                onPress={() => setRemoving(draft)}
              >
                {say('remove')}
              </Button>
            ),
          },
        ]}
      />
      <More
        hasMore={found.hasNextPage}
        isLoading={found.isFetchingNextPage}
        onMore={() => void found.fetchNextPage()}
      />
      {removing !== null && (
        <RemoveDraft id={removing.id} name={nameOf(removing)} onClose={() => setRemoving(null)} />
      )}
    </Section>
  );
}

function RemoveDraft({ id, name, onClose }: { id: number; name: string; onClose(): void }): ReactNode {
  const say = useWords(draftsWords);
  const remove = useChange('DELETE /v1/drafts/{id}', { rereads: ['GET /v1/drafts'], onDone: onClose });
  return (
    <QuestionDialog
      title={say('removeTitle', { name })}
      yes={say('remove')}
      change={remove}
      onYes={() => remove.mutate({ params: { id } })}
      onClose={onClose}
    >
      <p>{say('removeHint')}</p>
    </QuestionDialog>
  );
}
