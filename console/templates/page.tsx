import type { ReactNode } from 'react';
import { templatesWords } from '../../src/texts/console/templates.ts';
import { type Account, accountName, useAccounts } from '../parts/account.tsx';
import { useChange, useRead } from '../parts/api.ts';
import { Button, ButtonLink } from '../parts/button.tsx';
import { Tag } from '../parts/delivery/outcome.tsx';
import { Failure } from '../parts/failure.tsx';
import { useWords } from '../parts/language.tsx';
import { sampleOf, type Template, useFieldRule } from '../parts/message/field-rule.ts';
import { PhoneCard } from '../parts/message/phone-card.tsx';
import { Copyable, Empty, Loading } from '../parts/notice.tsx';
import { Page, Section } from '../parts/page.tsx';
import { useMay } from '../parts/session.ts';
import { Table } from '../parts/table.tsx';
import { toast } from '../parts/toast.tsx';
import css from './templates.module.css';

export default function TemplatesPage(): ReactNode {
  const say = useWords(templatesWords);
  const { current } = useAccounts();
  if (current !== null) return <Templates key={current.appid} account={current} />;
  return (
    <Page title={say('title')}>
      <Empty title={say('noAccount')} />
    </Page>
  );
}

function Templates({ account }: { account: Account }): ReactNode {
  const say = useWords(templatesWords);
  const may = useMay();
  const params = { appid: account.appid };
  const found = useRead('GET /v1/accounts/{appid}/templates', { params });
  const sync = useChange('POST /v1/accounts/{appid}/templates/sync', {
    rereads: ['GET /v1/accounts/{appid}/templates'],
    onDone: ({ stored, gone }) => toast(say('synced', { stored, gone })),
  });
  const button = may('account.manage') && (
    <Button icon="refresh" isPending={sync.isPending} onPress={() => sync.mutate({ params })}>
      {say('sync')}
    </Button>
  );
  const all = found.data?.data ?? [];
  return (
    <Page title={say('title')} about={say('about', { name: accountName(account) })} actions={button}>
      <Failure error={found.error ?? sync.error} onRetry={() => void found.refetch()} />
      {found.isPending && <Loading rows={5} />}
      {found.data !== undefined && all.length === 0 && (
        <Section>
          <Empty title={say('empty')}>{say('emptyHint')}</Empty>
        </Section>
      )}
      {all.map((template) => (
        <OneTemplate key={template.templateId} template={template} account={account} />
      ))}
    </Page>
  );
}

/** What it is called, what each field takes, and how it looks with WeChat's own sample values. */
function OneTemplate({ template, account }: { template: Template; account: Account }): ReactNode {
  const say = useWords(templatesWords);
  const may = useMay();
  const rule = useFieldRule();
  const samples = template.example.split('\n');
  return (
    <Section
      title={template.title}
      about={
        <>
          {say(`of.${template.of}`)} · <Copyable text={template.templateId} />{' '}
          {template.goneAt !== null && <Tag tone="warn">{say('gone')}</Tag>}
        </>
      }
      actions={
        may('campaign.create') &&
        template.goneAt === null && (
          <ButtonLink href={`/campaigns/new?template=${template.templateId}`}>{say('use')}</ButtonLink>
        )
      }
    >
      <div className={css.both}>
        <Table
          label={template.title}
          isDense
          rows={template.fields}
          rowKey={({ key }) => key}
          columns={[
            {
              id: 'label',
              name: say('fields'),
              cell: ({ label }) => <span className={css.label}>{label}</span>,
            },
            { id: 'key', name: '', isExtra: true, cell: ({ key }) => <code>{`{{${key}.DATA}}`}</code> },
            { id: 'rule', name: say('rule'), cell: rule },
          ]}
        />
        <PhoneCard
          source={accountName(account)}
          card={{
            title: template.title,
            lines: template.fields.map(({ label }, index) => ({
              label,
              value: sampleOf(samples[index] ?? ''),
            })),
            opens: null,
          }}
        />
      </div>
    </Section>
  );
}
