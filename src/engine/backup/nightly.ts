import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { errorCode, failure } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import { Rounds } from '../../base/rounds.ts';
import { dumpTo } from '../../store/backup/dump.ts';
import { alone, backupState, beginBackup, endBackup, noteBackupDue } from '../../store/backup/nightly.ts';
import type { Store } from '../../store/store.ts';

export interface NightlyOptions {
  /** Made if it is not there. Several nodes may have it in common, or each one of its own: one of them makes the backup. */
  directory: string;
  /** Time of day of this machine, `HH:MM`. */
  at: string;
  /** So many whole ones of this installation stay in the directory. */
  keep: number;
}

/** How often it is looked whether one is due. */
const lookMs = 30_000;
/** After a failure it is tried again. */
const againMs = 15 * 60_000;

/**
 * Makes a backup a day: on whichever node looks first, at the stated time or, when none ran then, as soon as one does. Older
 * ones are removed once the new one is whole. What a killed process left of one is removed before the next.
 */
export class NightlyBackup {
  readonly #deps: { store: Store; logger: Logger; version: string; now: () => Date };
  readonly #options: NightlyOptions;
  readonly #rounds: Rounds;
  readonly #stop = new AbortController();

  constructor(
    deps: { store: Store; logger: Logger; version: string; now?: () => Date },
    options: NightlyOptions,
  ) {
    this.#deps = { now: () => new Date(), ...deps };
    this.#options = options;
    this.#rounds = new Rounds(
      () => this.#look(),
      (error) =>
        deps.logger.warn(
          { code: errorCode(error) },
          'whether a backup is due could not be seen; it is tried again',
        ),
    );
  }

  start(everyMs = lookMs): void {
    this.#rounds.start(everyMs);
  }

  /** One that is under way is given up. */
  async close(): Promise<void> {
    this.#stop.abort(failure('INTERRUPTED/signal', { name: 'SIGTERM' }));
    await this.#rounds.close();
  }

  async #look(): Promise<void> {
    const { store, now } = this.#deps;
    const dueAt = lastTime(this.#options.at, now());
    await noteBackupDue(store.pool, dueAt);
    if (!(await this.#isDue(dueAt))) return;
    // Another node may have made it between the look and the lock.
    await alone(store.pool, async () => {
      if (await this.#isDue(dueAt)) await this.#make(dueAt);
    });
  }

  async #isDue(dueAt: Date): Promise<boolean> {
    const { done, failed } = await backupState(this.#deps.store.pool);
    if (done !== null && done.dueAt >= dueAt) return false;
    return failed === null || this.#deps.now().getTime() - failed.startedAt.getTime() > againMs;
  }

  async #make(dueAt: Date): Promise<void> {
    const { store, logger, version, now } = this.#deps;
    const { directory } = this.#options;
    const prefix = `hongyan-${store.installation.uuid.slice(0, 8)}-`;
    const path = join(directory, `${prefix}${stampOf(now())}.zip`);
    const id = await beginBackup(store.pool, { dueAt, host: hostname(), path });
    try {
      await mkdir(directory, { recursive: true, mode: 0o700 });
      await removeParts(directory, prefix);
      const { keyId } = store.sealer;
      await dumpTo(store.pool, path, { version, keyId, key: null, signal: this.#stop.signal });
      const { size } = await stat(path);
      await endBackup(store.pool, id, { bytes: size });
      logger.info({ path, bytes: size }, 'backup made');
    } catch (error) {
      const code = this.#stop.signal.aborted ? 'INTERRUPTED' : (causeCode(error) ?? 'UNKNOWN');
      await endBackup(store.pool, id, { code });
      if (code !== 'INTERRUPTED')
        logger.error({ path, code, err: error }, 'the backup failed; it is tried again in 15 minutes');
      return;
    }
    await this.#removeOld(directory, prefix);
  }

  async #removeOld(directory: string, prefix: string): Promise<void> {
    const names = (await namesOf(directory, prefix)).filter((name) => name.endsWith('.zip')).sort();
    try {
      for (const name of names.slice(0, -this.#options.keep)) await rm(join(directory, name));
    } catch (error) {
      this.#deps.logger.warn({ directory, code: errorCode(error) }, 'an old backup could not be removed');
    }
  }
}

/** The last time of this machine's clock that shows `HH:MM`, not after `now`. */
export function lastTime(at: string, now: Date): Date {
  const [hours = 0, minutes = 0] = at.split(':').map(Number);
  const time = new Date(now);
  time.setHours(hours, minutes, 0, 0);
  if (time > now) time.setDate(time.getDate() - 1);
  return time;
}

/** `20261127T033000Z`: names sort as times do. */
function stampOf(time: Date): string {
  return time.toISOString().replace(/[-:]|\.\d+/g, '');
}

/** Only ours, and only what nobody is writing: this process has the lock. */
async function removeParts(directory: string, prefix: string): Promise<void> {
  for (const name of await namesOf(directory, prefix))
    if (name.endsWith('.partial')) await rm(join(directory, name));
}

async function namesOf(directory: string, prefix: string): Promise<string[]> {
  return (await readdir(directory)).filter(
    (name) => name.startsWith(prefix) && /^\d{8}T\d{6}Z\.zip(?:\.partial)?$/.test(name.slice(prefix.length)),
  );
}

/** The system's own word (ENOSPC) says more than that the file cannot be written. */
function causeCode(error: unknown): string | undefined {
  return (error instanceof Error ? errorCode(error.cause) : undefined) ?? errorCode(error);
}
