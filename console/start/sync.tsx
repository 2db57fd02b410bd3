import type { ReactNode } from 'react';
import { startWords } from '../../src/texts/console/start.ts';
import type { Account } from '../parts/account.tsx';
import { type EntryOf, useChange, useRead } from '../parts/api.ts';
import { Button } from '../parts/button.tsx';
import { Failure } from '../parts/failure.tsx';
import { useWords } from '../parts/language.tsx';
import type { Template } from '../parts/message/field-rule.ts';
import { Notice } from '../parts/notice.tsx';
import { useMay } from '../parts/session.ts';
import css from './start.module.css';

const everyMs = 2_000;

export interface Synced {
  isDone: boolean;
  /** Of the last sync that came to its end; null: none did, or there is no list. */
  followers: number | null;
  templates: readonly Template[];
  /** The newest sync of followers, whatever became of it. */
  newest: EntryOf<'GET /v1/accounts/{appid}/follower-syncs'> | undefined;
  error: unknown;
}

export function useSynced({ appid, kind }: Account): Synced {
  const params = { appid };
  const hasList = kind !== 'miniprogram';
  const syncs = useRead(
    'GET /v1/accounts/{appid}/follower-syncs',
    { params, query: { limit: 5 } },
    { isOn: hasList, everyMs },
  );
  const found = useRead('GET /v1/accounts/{appid}/templates', { params });
  const all = syncs.data?.data ?? [];
  const followers = all.find(({ state }) => state === 'done')?.seen ?? null;
  const templates = (found.data?.data ?? []).filter(({ goneAt }) => goneAt === null);
  return {
    ...{ followers, templates, newest: all[0], error: syncs.error ?? found.error },
    isDone: templates.length > 0 && (followers !== null || !hasList),
  };
}

export function SyncStep({ account, synced }: { account: Account; synced: Synced }): ReactNode {
  const say = useWords(startWords);
  const may = useMay();
  const params = { appid: account.appid };
  const hasList = account.kind !== 'miniprogram';
  const templates = useChange('POST /v1/accounts/{appid}/templates/sync', {
    rereads: ['GET /v1/accounts/{appid}/templates'],
  });
  const followers = useChange('POST /v1/accounts/{appid}/follower-syncs', {
    rereads: ['GET /v1/accounts/{appid}/follower-syncs'],
  });
  const { newest, isDone } = synced;
  const isRunning = newest?.state === 'running' && newest.failedCode === null;
  const sync = (): void => {
    if (may('account.manage')) templates.mutate({ params });
    if (hasList) followers.mutate({ params, body: { details: true } });
  };
  const counts = {
    followers: (synced.followers ?? 0).toLocaleString('en-US'),
    templates: synced.templates.length,
  };
  return (
    <>
      {isDone ? (
        <div>{say(hasList ? 'synced' : 'syncedMp', counts)}</div>
      ) : (
        <div className={css.hint}>{say(hasList ? 'syncHint' : 'syncHintMp')}</div>
      )}
      {isRunning && (
        <div role="status" className={css.small}>
          {say('syncing', { seen: newest.seen.toLocaleString('en-US') })}
        </div>
      )}
      {newest !== undefined && newest.state !== 'done' && newest.failedCode !== null && (
        <Notice tone="warn">{say('syncFailed', { code: newest.failedCode })}</Notice>
      )}
      {templates.data !== undefined && templates.data.stored === 0 && (
        <Notice tone="warn">{say('noTemplates')}</Notice>
      )}
      <Failure error={synced.error ?? templates.error ?? followers.error} />
      {may('contact.manage') && (
        <div className={css.buttons}>
          <Button
            icon="refresh"
            isPending={templates.isPending || followers.isPending}
            isDisabled={isRunning}
            onPress={sync}
          >
            {say(isDone ? 'syncAgain' : 'syncDo')}
          </Button>
        </div>
      )}
    </>
  );
}
