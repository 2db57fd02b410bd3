import type { Channel } from '../../wechat/channels.ts';
import { CountArray } from '../count-array.ts';

/** The ways a message can take; Hongyan's names for WeChat's send paths. */
export type SimulatedChannel = Channel | 'mass';

/** One accepted message. */
export interface ReceivedMessage {
  /** 1 for the first message that the account accepted. */
  seq: number;
  /** Unix milliseconds on the simulator's clock. */
  at: number;
  channel: SimulatedChannel;
  openid: string;
  /** Absent for kf and mass messages. */
  template_id?: string;
  /** 64-bit, hence text. Absent where WeChat gives none. */
  msgid?: string;
  client_msg_id?: string;
  /** The parsed body as it came. */
  body: unknown;
}

/** What the people of one account received. */
export class Received {
  readonly #full: boolean;
  readonly #keep: number;
  readonly #counts = new Map<string, CountArray>();
  #messages: ReceivedMessage[] = [];
  accepted = 0;
  /** Goes up with every message and `clear`, never down. */
  changes = 0;

  constructor(record: 'counts' | 'full', keep: number) {
    this.#full = record === 'full';
    this.#keep = keep;
  }

  add(index: number, message: Omit<ReceivedMessage, 'seq'>): void {
    this.accepted++;
    this.changes++;
    const key =
      message.template_id === undefined ? message.channel : `${message.channel} ${message.template_id}`;
    let counts = this.#counts.get(key);
    if (counts === undefined) {
      counts = new CountArray();
      this.#counts.set(key, counts);
    }
    counts.add(index);
    if (!this.#full && this.#keep === 0) return;
    const stored: ReceivedMessage = Object.assign(message, { seq: this.accepted });
    if (this.#full || this.#messages.length < this.#keep) this.#messages.push(stored);
    else this.#messages[(this.accepted - 1) % this.#keep] = stored;
  }

  /** The kept messages, oldest first. */
  messages(): ReceivedMessage[] {
    return this.#full ? this.#messages : this.#messages.toSorted((a, b) => a.seq - b.seq);
  }

  /** The last kept messages of one person, oldest first. */
  lastOf(openid: string, limit: number): ReceivedMessage[] {
    const all = this.messages();
    const found: ReceivedMessage[] = [];
    for (let at = all.length - 1; at >= 0 && found.length < limit; at--) {
      const message = all[at] as ReceivedMessage; // within the array
      if (message.openid === openid) found.push(message);
    }
    return found.reverse();
  }

  /** Counters by channel and template. */
  *counters(): Generator<{ channel: SimulatedChannel; templateId?: string; counts: CountArray }> {
    for (const [key, counts] of this.#counts) {
      const [channel, templateId] = key.split(' ');
      // The key was put together from a channel above.
      const typed = channel as SimulatedChannel;
      yield templateId === undefined ? { channel: typed, counts } : { channel: typed, templateId, counts };
    }
  }

  clear(): void {
    this.#counts.clear();
    this.#messages = [];
    this.accepted = 0;
    this.changes++;
  }
}
