import { type ReactNode, useState } from 'react';
import { contactsWords } from '../../src/texts/console/contacts.ts';
import { partsWords } from '../../src/texts/console/parts.ts';
import { type EntryOf, useChange } from '../parts/api.ts';
import { Button } from '../parts/button.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { Failure } from '../parts/failure.tsx';
import { Checkbox } from '../parts/field.tsx';
import { useWords } from '../parts/language.tsx';
import { Bar, Notice } from '../parts/notice.tsx';
import { Facts, Section } from '../parts/page.tsx';
import { useMay } from '../parts/session.ts';
import { Time } from '../parts/time.tsx';
import css from './contacts.module.css';

export type Sync = EntryOf<'GET /v1/accounts/{appid}/follower-syncs'>;

/** A sync that is about to begin, or to go on; details are chosen anew, since nobody keeps what was chosen before. */
interface Asking {
  /** Although many would be marked as gone: whoever presses has read what that means. */
  acceptLoss: boolean;
}

/** How many there were at the last sync, and how far the one is that runs. `syncs` are the newest, newest first. */
export function Followers({ appid, syncs }: { appid: string; syncs: readonly Sync[] }): ReactNode {
  const say = useWords(contactsWords);
  const may = useMay();
  const [asking, setAsking] = useState<Asking | null>(null);
  const begin = useChange('POST /v1/accounts/{appid}/follower-syncs', {
    rereads: ['GET /v1/accounts/{appid}/follower-syncs'],
    onDone: () => setAsking(null),
  });
  const [newest] = syncs;
  const done = syncs.find(({ state }) => state === 'done');
  // One that would lose too many is abandoned with its reason; any other that stopped still counts as running.
  const open = newest?.state === 'done' ? undefined : newest;
  const isUnderWay = open?.state === 'running' && open.failedCode === null;
  return (
    <Section
      title={say('followers')}
      about={say('followersAbout')}
      actions={
        may('contact.manage') && (
          <Button icon="refresh" isDisabled={isUnderWay} onPress={() => setAsking({ acceptLoss: false })}>
            {say('sync')}
          </Button>
        )
      }
    >
      {done === undefined ? (
        open === undefined && <span className={css.small}>{say('neverSynced')}</span>
      ) : (
        <Facts
          rows={[
            [say('atSync'), grouped(done.seen)],
            [say('added'), grouped(done.added)],
            [say('gone'), grouped(done.gone)],
            [say('syncedAt'), <Time key="at" at={done.finishedAt ?? done.startedAt} />],
          ]}
        />
      )}
      {isUnderWay && <Progress of={open} />}
      {open !== undefined && open.failedCode !== null && (
        <Stopped code={open.failedCode} onGoOn={setAsking} />
      )}
      {asking !== null && (
        <AskSync
          isPending={begin.isPending}
          error={begin.error}
          onClose={() => setAsking(null)}
          onBegin={(details) => begin.mutate({ params: { appid }, body: { ...asking, details } })}
        />
      )}
    </Section>
  );
}

function Progress({ of: { seen, total } }: { of: Sync }): ReactNode {
  const say = useWords(contactsWords);
  return (
    <div>
      <div className={css.small}>
        {say('syncing')}{' '}
        {total === null
          ? say('progressSeen', { seen: grouped(seen) })
          : say('progress', { seen: grouped(seen), total: grouped(total) })}
      </div>
      <Bar value={seen} of={total ?? 0} label={say('syncing')} />
    </div>
  );
}

function Stopped({ code, onGoOn }: { code: string; onGoOn(asking: Asking): void }): ReactNode {
  const say = useWords(contactsWords);
  const may = useMay();
  const isLoss = code === 'FOLLOWER_LOSS';
  return (
    <Notice
      tone="warn"
      title={
        <>
          {say('failed')} · <code>{code}</code>
        </>
      }
      actions={
        may('contact.manage') && (
          <Button onPress={() => onGoOn({ acceptLoss: isLoss })}>
            {say(isLoss ? 'acceptLoss' : 'goOn')}
          </Button>
        )
      }
    >
      {isLoss && say('loss')}
    </Notice>
  );
}

function AskSync({
  isPending,
  error,
  onClose,
  onBegin,
}: {
  isPending: boolean;
  error: unknown;
  onClose(): void;
  onBegin(details: boolean): void;
}): ReactNode {
  const say = useWords(contactsWords);
  const sayPart = useWords(partsWords);
  const [withDetails, setDetails] = useState(false);
  return (
    <Dialog
      title={say('sync')}
      isOpen
      isBusy={isPending}
      onClose={onClose}
      actions={
        <>
          <Button onPress={onClose}>{sayPart('cancel')}</Button>
          <Button kind="primary" isPending={isPending} onPress={() => onBegin(withDetails)}>
            {say('begin')}
          </Button>
        </>
      }
    >
      <p>{say('syncAbout')}</p>
      <Checkbox isSelected={withDetails} onChange={setDetails}>
        {say('details')} <span className={css.small}>{say('detailsAbout')}</span>
      </Checkbox>
      <Failure error={error} />
    </Dialog>
  );
}

const grouped = (n: number): string => n.toLocaleString('en-US');
