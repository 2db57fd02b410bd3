import type { Clock } from '../../base/clock.ts';
import { errorCode, HongyanError } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import { untilDone } from '../../base/retry.ts';
import { explainDatabaseError } from '../../store/database/pool.ts';
import type { InsertedMessage, MessageClaim, NewMessage } from '../../store/messages/messages.ts';
import { channels } from '../../wechat/channels.ts';
import type { NodeLease } from '../sending/node-lease.ts';
import { freshItem, type MessageItem } from './item.ts';
import type { MessageHooks, MessageQueue } from './queue.ts';
import { keyReused, type Submitted } from './submit.ts';

/** A group is stored after this time, or when the one before is; at most so many at once. */
const groupMs = 2;
const groupSize = 200;
/** How long a caller waits for a database that is away, ms. */
const patienceMs = 10_000;

export interface IntakeDeps {
  clock: Clock;
  logger: Logger;
  lease: NodeLease;
  nodeId: string;
  hooks?: MessageHooks | undefined;
  /** Numbers the statements that claim. */
  nextBatch(): number;
  insert(claim: MessageClaim, rows: (NewMessage & { claim: boolean })[]): Promise<InsertedMessage[]>;
  /** Nobody knows what this statement did: what it claimed, if anything, is to be handed back. */
  onUnsure(epoch: number, batch: number): void;
  release(items: MessageItem[]): void;
}

interface Wish {
  message: NewMessage;
  queue: MessageQueue | null;
  claim: boolean;
  /** Monotonic ms. */
  until: number;
  resolve(submitted: Submitted): void;
  reject(error: unknown): void;
}

/** Stores single messages in groups, one group at a time, and hands those that it claimed to their queues on commit. */
export class MessageIntake {
  readonly #deps: IntakeDeps;
  #wishes: Wish[] = [];
  #timer: NodeJS.Timeout | null = null;
  #storing: Promise<void> | null = null;
  /** From now on nothing is claimed. */
  isClosing = false;

  constructor(deps: IntakeDeps) {
    this.#deps = deps;
  }

  /**
   * Stores a message; resolves on commit.
   *
   * Throws `KEY_REUSED`, and `DATABASE_UNREACHABLE` when it is not known after 10 s whether it was stored.
   *
   * @param queue of its account; null: it is stored for whoever can send it
   */
  add(message: NewMessage, queue: MessageQueue | null): Promise<Submitted> {
    return new Promise((resolve, reject) => {
      const until = this.#deps.clock.monotonic() + patienceMs;
      this.#wishes.push({ message, queue, claim: false, until, resolve, reject });
      if (this.#wishes.length >= groupSize) this.#store();
      else this.#timer ??= setTimeout(() => this.#store(), groupMs);
    });
  }

  /** Resolves once everything so far is answered. */
  async settled(): Promise<void> {
    while (this.#storing !== null || this.#wishes.length > 0) {
      this.#store();
      await this.#storing;
    }
  }

  #store(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#storing !== null || this.#wishes.length === 0) return;
    this.#storing = this.#storeGroup(this.#wishes.splice(0, groupSize)).then(() => {
      this.#storing = null;
      this.#store();
    });
  }

  async #storeGroup(wishes: Wish[]): Promise<void> {
    const { lease, nextBatch, nodeId } = this.#deps;
    const claim = { owner: nodeId, epoch: lease.epoch, batch: nextBatch() };
    const mayClaim = lease.isHeld(lease.epoch) && !this.isClosing;
    for (const wish of wishes) {
      const { queue, message } = wish;
      if (queue === null) continue;
      wish.claim = mayClaim && canTake(queue, pathOf(message));
      if (wish.claim) queue.reserved++;
      else queue.backlogs.add(pathOf(message));
    }
    try {
      const stored = await this.#insert(claim, wishes);
      if (stored !== null) await this.#handOver(claim, wishes, stored);
    } finally {
      for (const { queue, claim: claimed } of wishes) if (claimed && queue !== null) queue.reserved--;
    }
    for (const queue of new Set(wishes.map((wish) => wish.queue))) queue?.pump();
  }

  /** Repeats the statement until it is answered; null when the callers were told that it failed. */
  async #insert(claim: MessageClaim, wishes: Wish[]): Promise<InsertedMessage[] | null> {
    const { clock, logger, insert, onUnsure } = this.#deps;
    const rows = wishes.map((wish) => ({ ...wish.message, claim: wish.claim }));
    const until = wishes[0]?.until ?? 0;
    try {
      return await untilDone(() => insert(claim, rows), {
        ...{ clock, firstMs: 50, longestMs: 1_000 },
        goesOn: (error) => !isRefused(error) && clock.monotonic() < until,
        onFailure: (error) =>
          logger.warn({ messages: rows.length, err: error }, 'single messages could not be stored yet'),
      });
    } catch (error) {
      const refused = isRefused(error);
      if (refused && wishes.length > 1) return await this.#insertEach(claim, wishes);
      if (!refused) onUnsure(claim.epoch, claim.batch);
      for (const wish of wishes) wish.reject(refused ? error : notKnown(error));
      return null;
    }
  }

  /** One bad message must not take the others of its group along. */
  async #insertEach(claim: MessageClaim, wishes: Wish[]): Promise<InsertedMessage[]> {
    const stored: InsertedMessage[] = [];
    for (const wish of wishes) stored.push(...((await this.#insert(claim, [wish])) ?? []));
    return stored;
  }

  async #handOver(claim: MessageClaim, wishes: Wish[], stored: InsertedMessage[]): Promise<void> {
    const { hooks, release } = this.#deps;
    await hooks?.reached('inserted');
    const rows = new Map(stored.map((row) => [row.uuid, row]));
    const taken = new Set<number>();
    for (const { message, queue, resolve, reject } of wishes) {
      const row = rows.get(message.uuid);
      if (row === undefined) continue; // refused alone, and told so
      if (row.fingerprint !== message.fingerprint) {
        reject(keyReused(message, row.id));
        continue;
      }
      const isFirst = !taken.has(row.id);
      taken.add(row.id);
      if (row.claimed && isFirst) {
        const item = freshItem(row.id, message, claim.epoch);
        if (queue === null || this.isClosing) release([item]);
        else queue.push([item]);
      }
      resolve({ id: row.id, isRepeat: !(isFirst && (row.isNew || row.claimed)) });
    }
  }
}

/** Data that PostgreSQL does not take, or a bug: repeating it changes nothing, and it was certainly not stored. */
function isRefused(error: unknown): boolean {
  return /^(22|23|42)/.test(errorCode(error) ?? '');
}

function pathOf(message: NewMessage): string {
  return channels[message.channel].path;
}

function canTake(queue: MessageQueue, path: string): boolean {
  return queue.room > 0 && !queue.backlogs.has(path) && queue.pace.isOpenForMessages(path);
}

function notKnown(error: unknown): HongyanError {
  return new HongyanError(
    'DATABASE_UNREACHABLE',
    'the database did not say whether the message was stored; submit it again with the same key: it is then sent once',
    { cause: explainDatabaseError(error) },
  );
}
