import { type Clock, isOver, type Moment, momentOf, shifted } from '../../base/clock.ts';
import { errorCode, failure, type HongyanError } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import { untilDone } from '../../base/retry.ts';
import { detached } from '../../base/tracing.ts';
import { explainDatabaseError } from '../../store/database/explain.ts';
import {
  type InsertClaim,
  type InsertedMessage,
  type NewMessage,
  otherHistory,
} from '../../store/messages/messages.ts';
import { channels } from '../../wechat/channels.ts';
import { creditPlaceOf } from '../credits/message-credits.ts';
import type { NodeLease } from '../sending/node-lease.ts';
import { freshItem, type MessageItem } from './item.ts';
import type { MessageHooks, MessageQueue } from './queue.ts';
import { keyReused, type Submitted } from './submitted.ts';

/** A group is stored after this time, or when the one before is; at most so many at once. */
const groupMs = 2;
const groupSize = 200;
/** How long a caller waits for a database that is away, ms. */
const patienceMs = 10_000;
/** Errors after which a statement has certainly stored nothing: there was no connection, or a standby at its end. */
const neverStored = [
  'ECONNREFUSED',
  'ENOENT',
  'ENOTFOUND',
  'EAI_AGAIN',
  '57P03',
  '53300',
  '25006',
  otherHistory,
];

export interface IntakeDeps {
  clock: Clock;
  logger: Logger;
  lease: NodeLease;
  nodeId: string;
  hooks?: MessageHooks | undefined;
  /** Numbers the statements that claim. */
  nextBatch(): number;
  /** The database's history as this process knows it. */
  history(): string;
  insert(claim: InsertClaim, rows: (NewMessage & { claim: boolean })[]): Promise<InsertedMessage[]>;
  /** Those that are stored, by uuid. */
  find(uuids: string[]): Promise<InsertedMessage[]>;
  /** Nobody knows what this statement did: what it claimed, if anything, is to be handed back. */
  onUnsure(epoch: number, batch: number): void;
  release(items: MessageItem[]): void;
}

interface Wish {
  message: NewMessage;
  queue: MessageQueue | null;
  claim: boolean;
  /** By both clocks: while a machine sleeps, others take over what it had claimed. */
  until: Moment;
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
   * Throws `KEY_REUSED`, `DATABASE_UNREACHABLE` when it is not known after 10 s whether it was stored, and
   * `MESSAGE_IN_DOUBT` when the database may have forgotten it after another node had sent it.
   *
   * @param queue of its account; null: it is stored for whoever can send it
   */
  add(message: NewMessage, queue: MessageQueue | null): Promise<Submitted> {
    // What follows is done for all of its group, and for whoever goes out next.
    return detached(() => this.#add(message, queue));
  }

  #add(message: NewMessage, queue: MessageQueue | null): Promise<Submitted> {
    queue?.expect(pathOf(message));
    return new Promise((resolve, reject) => {
      const until = shifted(momentOf(this.#deps.clock), patienceMs);
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
    const { history, lease, nextBatch, nodeId } = this.#deps;
    const claim = { owner: nodeId, epoch: lease.epoch, batch: nextBatch(), history: history() };
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

  /** Repeats the statement until it is answered; null when there is nothing to hand over. */
  async #insert(claim: InsertClaim, wishes: Wish[]): Promise<InsertedMessage[] | null> {
    const { clock, logger, insert, onUnsure } = this.#deps;
    const rows = wishes.map((wish) => ({ ...wish.message, claim: wish.claim }));
    let isUnsure = false;
    const isPatient = (): boolean => !wishes.some(({ until }) => isOver(until, momentOf(clock)));
    try {
      return await untilDone(() => insert(claim, rows), {
        ...{ clock, firstMs: 50, longestMs: 1_000 },
        goesOn: (error) => {
          isUnsure ||= mayBeStored(error);
          return !isRefused(error) && errorCode(error) !== otherHistory && isPatient();
        },
        onFailure: (error) =>
          logger.warn({ messages: rows.length, err: error }, 'single messages could not be stored yet'),
      });
    } catch (error) {
      if (errorCode(error) === otherHistory) return await this.#afterRestore(wishes, isUnsure, error);
      const refused = isRefused(error);
      if (refused && wishes.length > 1) return await this.#insertEach(claim, wishes);
      if (!refused) onUnsure(claim.epoch, claim.batch);
      for (const wish of wishes) wish.reject(refused ? error : notKnown(error));
      return null;
    }
  }

  /**
   * The database was restored or failed over, so what was asked of the one before is not simply asked again: it may have
   * stored the messages before it was lost, and other nodes may have sent those that were not claimed by this one.
   *
   * @param isUnsure whether an earlier try may have stored them
   */
  async #afterRestore(wishes: Wish[], isUnsure: boolean, cause: unknown): Promise<InsertedMessage[]> {
    const { clock, find, logger } = this.#deps;
    const now = momentOf(clock);
    let kept: InsertedMessage[] = [];
    try {
      if (isUnsure) kept = await find(wishes.map(({ message }) => message.uuid));
    } catch (error) {
      for (const wish of wishes) wish.reject(notKnown(error));
      return [];
    }
    const missing = wishes.filter(({ message }) => !kept.some(({ uuid }) => uuid === message.uuid));
    const lost = missing.filter((wish) => isUnsure && mayBeSentByOthers(wish));
    if (lost.length > 0)
      logger.error(
        { messages: lost.length },
        'single messages may have been sent and forgotten by the database',
      );
    for (const wish of lost) wish.reject(failure('MESSAGE_IN_DOUBT', {}, { cause }));
    const again = missing.filter((wish) => !lost.includes(wish));
    for (const wish of again.filter(({ until }) => isOver(until, now))) wish.reject(notKnown(cause));
    // As new ones, under a claim of this history.
    this.#wishes.unshift(...again.filter(({ until }) => !isOver(until, now)));
    return kept;
  }

  /** One bad message must not take the others of its group along. */
  async #insertEach(claim: InsertClaim, wishes: Wish[]): Promise<InsertedMessage[]> {
    const stored: InsertedMessage[] = [];
    for (const wish of wishes) stored.push(...((await this.#insert(claim, [wish])) ?? []));
    return stored;
  }

  async #handOver(claim: InsertClaim, wishes: Wish[], stored: InsertedMessage[]): Promise<void> {
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

/**
 * Whether a node other than the one that stored it may have sent it since: whoever takes a claimed one over has not done
 * so within the 10 s in which it is repeated. With a credit it may have been stored unclaimed (`insertGroup`).
 */
function mayBeSentByOthers({ claim, message }: Wish): boolean {
  return !claim || creditPlaceOf(message) !== null;
}

function mayBeStored(error: unknown): boolean {
  return !isRefused(error) && !neverStored.includes(errorCode(error) ?? '');
}

function notKnown(error: unknown): HongyanError {
  return failure('DATABASE_UNREACHABLE/submit', {}, { cause: explainDatabaseError(error) });
}
