import { type ChangeEvent, type ReactNode, useId, useRef } from 'react';
import { DropZone } from 'react-aria-components';
import { uploadWords } from '../../../src/texts/console/upload.ts';
import { useRead } from '../api.ts';
import { Failure } from '../failure.tsx';
import { Icon } from '../icon.tsx';
import { useWords } from '../language.tsx';
import { Bar, Notice } from '../notice.tsx';
import { Select } from '../select.tsx';
import { Table } from '../table.tsx';
import { type Uploaded, useUpload } from './upload.ts';
import css from './upload-list.module.css';

/** A file of people: dropped or chosen, read at once, its bad rows said with their reasons and given back as a file. */
export function UploadList({
  appid,
  id,
  onRead,
}: {
  appid: string;
  /** Of the file that was read before; null: none. */
  id: number | null;
  onRead(made: Uploaded): void;
}): ReactNode {
  const say = useWords(uploadWords);
  const inputId = useId();
  const file = useRef<File | null>(null);
  const { share, error, send } = useUpload(appid, onRead);
  const read = useRead('GET /v1/audiences/{id}', { params: { id: id ?? 0 } }, { isOn: id !== null });
  const take = (given: File | undefined): void => {
    if (given === undefined) return;
    file.current = given;
    send(given);
  };
  const found = id === null ? undefined : read.data;
  return (
    <div className={css.upload}>
      <DropZone
        className={css.drop ?? ''}
        aria-label={say('drop')}
        onDrop={async ({ items }) => {
          const [first] = items;
          if (first?.kind === 'file') take(await first.getFile());
        }}
      >
        {/* The browser's own button speaks the browser's language. */}
        <input
          id={inputId}
          className="hidden"
          type="file"
          aria-label={say('file')}
          accept=".csv,.tsv,.xlsx,.ndjson,.txt,.gz"
          onChange={(event: ChangeEvent<HTMLInputElement>) => {
            take(event.target.files?.[0]);
            // The same file, mended, is one to be read again.
            event.target.value = '';
          }}
        />
        <label htmlFor={inputId} className={css.choose}>
          <Icon name="upload" /> {say('chooseFile')}
        </label>
        <span className={css.small}>{say('fileHint')}</span>
      </DropZone>
      {share !== null && (
        <div>
          <div className={css.small} role="status">
            {share < 1 ? say('sending', { percent: Math.round(share * 100) }) : say('reading')}
          </div>
          <Bar value={share} of={1} label={say('reading')} />
        </div>
      )}
      <Failure error={error ?? (id === null ? null : read.error)} />
      {found !== undefined && share === null && (
        <>
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
            {say('read', {
              good: found.good.toLocaleString('en-US'),
              bad: found.bad.toLocaleString('en-US'),
              column: found.openidColumn,
            })}
          </Notice>
          {file.current !== null && found.columns.length > 0 && (
            <Select
              label={say('column')}
              value={found.openidColumn}
              onChange={(column) => file.current !== null && send(file.current, column)}
              options={[found.openidColumn, ...found.columns.filter((one) => one !== found.openidColumn)].map(
                (name) => ({ id: name, name }),
              )}
            />
          )}
          {found.badRows.length > 0 && (
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
          {found.badRows.length > 10 && (
            <span className={css.small}>{say('more', { count: found.bad - 10 })}</span>
          )}
        </>
      )}
    </div>
  );
}
