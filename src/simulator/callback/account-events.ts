import type { Logger } from '../../base/logger.ts';
import { CountArray } from '../count-array.ts';
import { digest, inShare, mix, seed32 } from '../random.ts';
import { type AesKey, aesKey } from './crypto.ts';
import { type EventExtra, EventLog, type EventName, type EventRow, type EventStatus } from './event-log.ts';
import { EventSender, type Push } from './event-sender.ts';
import type { EventOptions, ResolvedCallback } from './options.ts';
import { checkReply, type ReplyParties } from './reply.ts';
import { withQuery } from './verify-url.ts';
import { seal, signedQuery, writeJson, writeXml } from './write-event.ts';

/** A reply that the receiver gave to an event or a message, decrypted; or what it answered instead of one. */
export interface RecordedReply {
  /** `seq` of the event. */
  seq: number;
  openid: string;
  /** Unix milliseconds on the simulator's clock. */
  at: number;
  /** The reply's XML or JSON; of a wrong answer its first 1,000 characters. */
  body: string;
  /** Why it is none; absent for a good one. */
  problem?: string;
}

/** What {@link AccountEvents} needs of its account. */
export interface EventSource {
  appid: string;
  kind: string;
  seed: number | string;
  openid(index: number): string;
  msgidText(msgid: number): string;
  now(): number;
}

/** One salt for each thing that chance decides about an event; a delivery's number is added in steps of 64. */
const salts = {
  refuses: 1,
  status: 2,
  early: 3,
  lost: 4,
  delay: 5,
  random: 6,
  'answer-lost': 8,
  duplicate: 9,
  nonce: 10,
  messageId: 11,
} as const;

const keptReplies = 1000;
const shown = 1000;
/** Before everything that is already due. */
const atOnceMs = -86_400_000;

/** The events of one account: decides what becomes of each, writes it, hands it to the sender, reads the answers. */
export class AccountEvents {
  readonly log = new EventLog();
  readonly sender: EventSender;
  readonly options: EventOptions;
  /** The account's original id, `ToUserName` of its events. */
  readonly originalId: string;
  readonly #source: EventSource;
  readonly #initial: { settings: ResolvedCallback | undefined; options: EventOptions };
  readonly #seed: number;
  /** How many events each person had; makes fates independent of the order of sends to different people. */
  readonly #events = new CountArray();
  readonly #refuses = new Map<number, boolean>();
  readonly #sawPopup = new Set<number>();
  #settings: ResolvedCallback | undefined;
  #key: AesKey | undefined;
  #pathAndQuery = '';
  #replies: RecordedReply[] = [];
  #replyCount = 0;

  constructor(
    source: EventSource,
    settings: ResolvedCallback | undefined,
    options: EventOptions,
    logger: Logger,
  ) {
    this.#source = source;
    this.#initial = { settings, options };
    this.options = { ...options };
    this.originalId = `gh_${digest('original id', source.seed, source.appid).toString('hex', 0, 6)}`;
    this.#seed = seed32('events', source.seed, source.appid);
    this.sender = new EventSender(
      this.log,
      this.options,
      {
        write: (row, delivery) => this.#write(row, delivery),
        accept: (row, body) => this.#accept(row, body),
        strikes: (row, what, delivery, share) => inShare(row.seed, delivery, salts[what], share),
      },
      logger,
    );
    this.settings = settings;
  }

  get settings(): ResolvedCallback | undefined {
    return this.#settings;
  }

  /** From now on; without a URL no events arise, and those that wait are given up. */
  set settings(settings: ResolvedCallback | undefined) {
    this.#settings = settings;
    this.#key = settings === undefined ? undefined : aesKey(settings.encodingAESKey);
    const origin = settings === undefined ? undefined : new URL(settings.url).origin;
    this.#pathAndQuery = settings?.url.slice(origin?.length ?? 0) ?? '';
    this.sender.target(origin);
  }

  configure(options: Partial<EventOptions>): void {
    Object.assign(this.options, options);
    this.sender.refresh();
  }

  /**
   * The receipt of an accepted message. If it shall come before the send's HTTP answer, its number: the answer then
   * waits for `sender.afterFirstDelivery`.
   */
  receipt(
    name: 'TEMPLATESENDJOBFINISH' | 'subscribe_msg_sent_event',
    index: number,
    msgid: number,
    templateId: string,
    isIntercepted: boolean,
  ): number | undefined {
    if (this.#settings === undefined) return undefined;
    const seed = this.#draw(index);
    const status = isIntercepted ? 'failed: system failed' : this.#status(index, seed);
    const isEarly = this.sender.isReady && inShare(seed, 0, salts.early, this.options.earlyShare);
    const row = { name, status, index, msgid, templateId, seed };
    const seq = this.#add(row, isEarly ? atOnceMs : undefined);
    // Nobody waits for an event that never comes.
    return isEarly && !this.#isLost(seed) ? seq : undefined;
  }

  /** Any other event. Nothing where the account has no URL. */
  raise(
    name: EventName,
    index: number,
    extra: EventExtra,
    more: { msgid?: number; status?: EventStatus } = {},
  ): void {
    if (this.#settings === undefined) return;
    const isOfficial = this.#source.kind !== 'miniprogram';
    if (name === 'subscribe_msg_popup_event' && isOfficial && this.options.popupOncePerUser) {
      if (this.#sawPopup.has(index)) return;
      this.#sawPopup.add(index);
    }
    const { msgid = 0, status = '' } = more;
    this.#add({ name, status, index, msgid, extra, seed: this.#draw(index) });
  }

  /** A person's own text. `MsgId` has the time in its high 32 bits, as WeChat's have. */
  message(index: number, content: string): void {
    if (this.#settings === undefined) return;
    const seed = this.#draw(index);
    const low = BigInt(mix(seed, 0, salts.messageId));
    // One look at the clock: a second may end between two.
    const createTime = this.#seconds();
    const messageId = ((BigInt(createTime) << 32n) | low).toString();
    this.#add({ name: 'text', status: '', index, msgid: 0, extra: { content, messageId }, seed, createTime });
  }

  /** Whether the person refuses the account's messages. */
  refuses(index: number): boolean {
    return this.#refuses.get(index) ?? inShare(this.#seed, index, salts.refuses, this.options.blockedShare);
  }

  setRefuses(index: number, refuses: boolean): void {
    this.#refuses.set(index, refuses);
  }

  /** The last 1,000 replies and wrong answers, oldest first. */
  replies(): RecordedReply[] {
    return this.#replies;
  }

  /** All of them. */
  get replyCount(): number {
    return this.#replyCount;
  }

  reset(): void {
    this.sender.reset();
    this.log.clear();
    this.#events.clear();
    this.#refuses.clear();
    this.#sawPopup.clear();
    this.#replies = [];
    this.#replyCount = 0;
    Object.assign(this.options, this.#initial.options);
    this.settings = this.#initial.settings;
  }

  /** Ends all deliveries and drops the connections. */
  close(): Promise<void> {
    return this.sender.close();
  }

  /** Forgets what was sent; what still waits goes with it. */
  clear(): void {
    const { settings } = this;
    this.sender.reset();
    this.log.clear();
    this.#replies = [];
    this.#replyCount = 0;
    this.settings = settings;
  }

  #add(
    row: {
      name: EventName;
      status: EventStatus;
      index: number;
      msgid: number;
      seed: number;
      templateId?: string;
      extra?: EventExtra;
      createTime?: number;
    },
    delayMs = this.#delay(row.seed),
  ): number {
    const isLost = this.#isLost(row.seed);
    const fate = isLost ? 'lost' : 'pending';
    const seq = this.log.add({ createTime: this.#seconds(), ...row, fate }, this.options.keepEvents);
    if (!isLost) this.sender.add(seq, delayMs);
    return seq;
  }

  #draw(index: number): number {
    return mix(this.#seed, index, 64 + this.#events.add(index));
  }

  #status(index: number, seed: number): EventStatus {
    if (this.refuses(index)) return 'failed:user block';
    const { systemFailedShare, freqLimitShare } = this.options;
    if (inShare(seed, 0, salts.status, systemFailedShare)) return 'failed: system failed';
    if (inShare(seed, 0, salts.status, systemFailedShare + freqLimitShare)) return 'failed:freq limit';
    return 'success';
  }

  #isLost(seed: number): boolean {
    return inShare(seed, 0, salts.lost, this.options.lostShare);
  }

  #delay(seed: number): number {
    const { delayMs, jitterMs } = this.options;
    return delayMs + (jitterMs * mix(seed, 0, salts.delay)) / 0x1_0000_0000;
  }

  #write(row: EventRow, delivery: number): Push {
    // Without settings and their key the sender has no pool.
    const settings = this.#settings as ResolvedCallback;
    const key = this.#key as AesKey;
    const openid = this.#source.openid(row.index);
    const isJson = settings.format === 'json';
    const event = {
      name: row.name,
      toUserName: this.originalId,
      openid,
      createTime: row.createTime,
      status: row.status,
      msgid: this.msgid(row),
      templateId: row.templateId,
      extra: row.extra,
    };
    const plain = isJson ? writeJson(event, this.options) : writeXml(event, this.options);
    const random = hex(mix(row.seed, 1, salts.random)) + hex(mix(row.seed, 2, salts.random));
    const { body, encrypted } = seal(plain, {
      mode: settings.mode,
      isJson,
      appid: this.#source.appid,
      toUserName: this.originalId,
      key,
      random,
    });
    const isFresh = this.options.freshSignature;
    const timestamp = String(isFresh ? this.#seconds() : row.createTime);
    const nonce = String(mix(row.seed, isFresh ? delivery : 1, salts.nonce));
    const query = signedQuery(settings.token, timestamp, nonce, openid, encrypted);
    return {
      path: withQuery(this.#pathAndQuery, query),
      contentType: isJson ? 'application/json' : 'text/xml',
      body,
    };
  }

  /** `MsgID` as text; empty for events without one. */
  msgid(row: EventRow): string {
    if (row.msgid === 0) return '';
    return row.name === 'MASSSENDJOBFINISH' ? String(row.msgid) : this.#source.msgidText(row.msgid);
  }

  #accept(row: EventRow, body: string): boolean {
    const settings = this.#settings;
    if (settings === undefined) return false;
    if (body === '' || body === 'success') return true;
    const openid = this.#source.openid(row.index);
    const parties: ReplyParties = { appid: this.#source.appid, originalId: this.originalId, openid };
    const found = checkReply(body, settings, parties);
    if (found.kind === 'empty') return true;
    this.#replyCount++;
    const isGood = found.kind === 'reply';
    this.#replies.push({
      seq: row.seq,
      openid,
      at: this.#source.now(),
      body: isGood ? found.body : body.slice(0, shown),
      ...(isGood ? {} : { problem: found.problem }),
    });
    if (this.#replies.length > keptReplies) this.#replies.shift();
    return isGood;
  }

  #seconds(): number {
    return Math.floor(this.#source.now() / 1000);
  }
}

function hex(number: number): string {
  return number.toString(16).padStart(8, '0');
}
