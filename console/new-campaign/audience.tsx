import { type ChangeEvent, type ReactNode, useId } from 'react';
import { newCampaignWords } from '../../src/texts/console/new-campaign.ts';
import { useChange, useRead } from '../parts/api.ts';
import { Failure } from '../parts/failure.tsx';
import { Choice, Field } from '../parts/field.tsx';
import { useWords } from '../parts/language.tsx';
import { Notice } from '../parts/notice.tsx';
import { Section } from '../parts/page.tsx';
import { Table } from '../parts/table.tsx';
import type { Draft } from './draft.ts';
import css from './new-campaign.module.css';

const kinds = ['all', 'list', 'upload'] as const;

/** Whom it goes to. A file is read at once: its columns become variables, its bad rows come back to be mended. */
export function Audience({
  appid,
  draft,
  onChange,
}: {
  appid: string;
  draft: Draft;
  onChange(change: Partial<Draft>): void;
}): ReactNode {
  const say = useWords(newCampaignWords);
  return (
    <Section title={say('audience')}>
      <Choice
        label={say('audience')}
        value={draft.audience}
        onChange={(audience) => onChange({ audience })}
        options={kinds.map((id) => ({ id, name: say(`audience.${id}`) }))}
      />
      {draft.audience === 'list' && (
        <Field
          label={say('openids')}
          value={draft.openids}
          onChange={(openids) => onChange({ openids })}
          hint={say('openidsHint')}
          rows={4}
          mono
        />
      )}
      {draft.audience === 'upload' && (
        <Upload appid={appid} id={draft.uploadId} onRead={(uploadId) => onChange({ uploadId })} />
      )}
    </Section>
  );
}

function Upload({
  appid,
  id,
  onRead,
}: {
  appid: string;
  id: number | null;
  onRead(id: number): void;
}): ReactNode {
  const say = useWords(newCampaignWords);
  const inputId = useId();
  const upload = useChange('POST /v1/audiences', { onDone: (made) => onRead(made.id) });
  const read = useRead('GET /v1/audiences/{id}', { params: { id: id ?? 0 } }, { isOn: id !== null });
  const take = (event: ChangeEvent<HTMLInputElement>): void => {
    const file = event.target.files?.[0];
    if (file !== undefined) {
      upload.mutate({ query: { appid, name: file.name }, body: file, type: 'application/octet-stream' });
    }
  };
  const found = read.data;
  return (
    <>
      <div className={css.field}>
        <label htmlFor={inputId}>{say('file')}</label>
        <input id={inputId} type="file" accept=".csv,.tsv,.xlsx,.ndjson,.txt,.gz" onChange={take} />
        <span className={css.small}>{say('fileHint')}</span>
      </div>
      {upload.isPending && <Notice>{say('reading')}</Notice>}
      <Failure error={upload.error ?? read.error} />
      {found !== undefined && (
        <Notice
          tone={found.bad === 0 ? 'good' : 'warn'}
          title={found.name}
          actions={
            found.bad > 0 && (
              <a href={`/v1/audiences/${found.id}/bad-rows`} download>
                {say('badRows')}
              </a>
            )
          }
        >
          {say('read', { good: found.good, bad: found.bad, column: found.openidColumn })}
        </Notice>
      )}
      {found !== undefined && found.badRows.length > 0 && (
        <Table
          label={say('fault')}
          isDense
          rows={found.badRows.slice(0, 10)}
          rowKey={({ line, code, column }) => `${line} ${code} ${column}`}
          columns={[
            { id: 'line', name: say('line'), align: 'right', cell: ({ line }) => line },
            { id: 'fault', name: say('fault'), cell: ({ detail }) => detail },
          ]}
        />
      )}
    </>
  );
}
