import { randomUUID } from 'node:crypto';
import { statfs } from 'node:fs/promises';
import { Background } from '../../base/background.ts';
import { errorCode } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import { Rounds } from '../../base/rounds.ts';
import { type Condition, findConditions } from '../../store/alerts/conditions.ts';
import { beginLook, removeOldIncidents, storeLook } from '../../store/alerts/incidents.ts';
import { type ChannelLimit, type Claim, claimTellings, settleTellings } from '../../store/alerts/tellings.ts';
import { inTransaction } from '../../store/database/pool.ts';
import type { Store } from '../../store/store.ts';
import { conditionLimits, diskLimits, kindRules } from './kinds.ts';
import { AlertSender } from './sender.ts';
import { parseTarget } from './target.ts';

const roundMs = 2_000;
/** One node looks, so often. */
const lookEveryMs = 10_000;
/** A claimed message belongs to its node for so long: to leave, to be answered, and to be stored. Above all timeouts together. */
const leaseMs = 60_000;
/** What could not be told for so long is given up; that it could not is an incident of its own by then. */
const giveUpMs = 24 * 3_600_000;
const [firstWaitMs, mostWaitMs] = [5_000, 600_000];
/** Incidents that ended are kept so long. */
const keepDays = 90;
const pruneMs = 3_600_000;

/** Robots take 20 messages a minute, so several things are told with one; a message of five has room for their texts. */
const limits: readonly ChannelLimit[] = [
  { kind: 'wecom', most: 5, gapMs: 4_000 },
  { kind: 'dingtalk', most: 5, gapMs: 4_000 },
  { kind: 'feishu', most: 5, gapMs: 1_000 },
  { kind: 'email', most: 20, gapMs: 10_000 },
  { kind: 'webhook', most: 1, gapMs: 0 },
];

export interface AlertsDeps {
  store: Store;
  logger: Logger;
  /** Addresses and networks that are exempt from the guard. */
  allow: readonly string[];
  /** The console as people reach it; null: messages have no links. */
  publicUrl: string | null;
  /** Where the database of this machine lies; null: it is elsewhere, and its disk cannot be seen. */
  databaseDirectory: string | null;
}

/**
 * Tells people when one is needed, on every node: one of them looks what is wrong, any of them tells.
 *
 * Beginning and end of an incident, and whom to tell, are on disk before anything is told, so a kill anywhere loses none. A
 * message that was under way then is sent again.
 */
export class Alerts {
  readonly #deps: AlertsDeps;
  readonly #sender: AlertSender;
  readonly #rounds: Rounds;
  readonly #telling: Background;
  #prunedAt = Number.NEGATIVE_INFINITY;

  constructor(deps: AlertsDeps) {
    this.#deps = deps;
    this.#sender = new AlertSender(deps.allow);
    const tell = (error: unknown): void =>
      deps.logger.warn({ code: errorCode(error) }, 'incidents could not be looked for; it is tried again');
    this.#telling = new Background(tell);
    this.#rounds = new Rounds(() => this.#round(), tell);
    this.#rounds.start(roundMs);
  }

  /** Begins nothing more; resolves when what is under way has been answered, and that is stored. */
  async close(): Promise<void> {
    await this.#rounds.close();
    await this.#telling.settled();
    await this.#sender.close();
  }

  async #round(): Promise<void> {
    const { store, logger } = this.#deps;
    await look(this.#deps);
    if (performance.now() - this.#prunedAt >= pruneMs) {
      this.#prunedAt = performance.now();
      while (!this.#rounds.isClosed && (await removeOldIncidents(store.pool, keepDays, 1_000)) === 1_000);
    }
    while (!this.#rounds.isClosed) {
      const owner = randomUUID();
      const claim = await claimTellings(store.pool, store.sealer, limits, owner, leaseMs);
      if (claim === null) return;
      // Side by side: one that does not answer holds up no other.
      this.#telling.add(tell(this.#deps, this.#sender, claim, owner));
      logger.debug({ channelId: claim.channelId, tellings: claim.tellings.length }, 'incidents are told');
    }
  }
}

/** Looks what is wrong, if it is this node's turn. */
export async function look(
  { store, logger, databaseDirectory }: Pick<AlertsDeps, 'store' | 'logger' | 'databaseDirectory'>,
  { everyMs = lookEveryMs, limits = conditionLimits, disk = diskLimits } = {},
): Promise<void> {
  const full = databaseDirectory === null ? null : await diskLow(databaseDirectory, disk);
  const changes = await inTransaction(store.pool, async (client) => {
    if (!(await beginLook(client, everyMs))) return null;
    const found = await findConditions(client, limits);
    return await storeLook(client, full === null ? found : [...found, full], kindRules);
  });
  for (const { id, kind, appid, campaignId } of changes?.opened ?? [])
    logger.error(
      { incidentId: id, kind, appid, ...(campaignId !== null && { campaignId }) },
      'a person is needed; see: hongyan alerts incidents',
    );
  for (const { id, kind, appid } of changes?.ended ?? [])
    logger.info({ incidentId: id, kind, appid }, 'an incident is over');
}

async function tell(deps: AlertsDeps, sender: AlertSender, claim: Claim, owner: string): Promise<void> {
  const { store, logger, publicUrl } = deps;
  const { channelId, failures, tellings, lang } = claim;
  const sent = await sender.tell(parseTarget(claim.target), tellings, { lang, publicUrl });
  const error = sent.kind === 'taken' ? null : sent.error;
  const waitMs =
    sent.kind === 'busy'
      ? sent.waitMs
      : error === null
        ? 0
        : Math.min(firstWaitMs * 2 ** failures, mostWaitMs);
  const result = { channelId, owner, error, waitMs, isBusy: sent.kind === 'busy', giveUpMs };
  const givenUp = await settleTellings(store.pool, result);
  if (error !== null)
    logger.warn(
      { channelId, error, waitMs, givenUp },
      'an alert channel did not take a message; it is tried again',
    );
}

async function diskLow(directory: string, limit: typeof diskLimits): Promise<Condition | null> {
  const { bavail, blocks, bsize } = await statfs(directory);
  const [free, total] = [bavail * bsize, blocks * bsize];
  if (free >= limit.bytes || free >= total * limit.share) return null;
  const megabytes = (bytes: number): number => Math.floor(bytes / 1024 / 1024);
  const details = { free: megabytes(free), total: megabytes(total) };
  return { kind: 'disk-low', subject: '', appid: null, details };
}
