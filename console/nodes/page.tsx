import type { ReactNode } from 'react';
import { nodesWords } from '../../src/texts/console/nodes.ts';
import { useRead } from '../parts/api.ts';
import { Failure } from '../parts/failure.tsx';
import { useWords } from '../parts/language.tsx';
import { Empty, Loading } from '../parts/notice.tsx';
import { Page, Section } from '../parts/page.tsx';
import { Table } from '../parts/table.tsx';
import { Time } from '../parts/time.tsx';
import css from './nodes.module.css';

/** Nodes come and go within seconds. */
const everyMs = 5_000;

export default function NodesPage(): ReactNode {
  const say = useWords(nodesWords);
  const found = useRead('GET /v1/nodes', {}, { everyMs });
  return (
    <Page title={say('title')} about={say('about')}>
      <Failure error={found.error} onRetry={() => void found.refetch()} />
      <Section isFlush>
        {found.isPending && <Loading />}
        {found.data?.nodes.length === 0 && <Empty title={say('empty')}>{say('emptyHint')}</Empty>}
        {found.data !== undefined && found.data.nodes.length > 0 && (
          <Table
            label={say('title')}
            rows={found.data.nodes}
            rowKey={({ host, pid }) => `${host} ${pid}`}
            columns={[
              {
                id: 'role',
                name: say('role'),
                cell: ({ role }) => (
                  <>
                    <code>{role}</code>
                    {isRole(role) && <div className={css.small}>{say(`does.${role}`)}</div>}
                  </>
                ),
              },
              { id: 'host', name: say('host'), cell: ({ host }) => host },
              { id: 'pid', name: say('pid'), align: 'right', isExtra: true, cell: ({ pid }) => pid },
              { id: 'version', name: say('version'), isExtra: true, cell: ({ version }) => version },
              {
                id: 'started',
                name: say('started'),
                isExtra: true,
                cell: ({ startedAt }) => <Time at={startedAt} />,
              },
              {
                id: 'seen',
                name: say('seen'),
                cell: ({ seenAt }) => <Time at={seenAt} precision="second" />,
              },
            ]}
          />
        )}
      </Section>
    </Page>
  );
}

/** What runs as what, in words; a newer version may have others. */
function isRole(role: string): role is 'serve' | 'push' | 'demo' {
  return role === 'serve' || role === 'push' || role === 'demo';
}
