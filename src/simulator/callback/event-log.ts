/** What the simulator pushes, by WeChat's names; `text` is a person's own message. */
const eventNames = [
  'TEMPLATESENDJOBFINISH',
  'subscribe_msg_sent_event',
  'MASSSENDJOBFINISH',
  'subscribe',
  'unsubscribe',
  'SCAN',
  'subscribe_msg_popup_event',
  'subscribe_msg_change_event',
  'user_enter_tempsession',
  'text',
] as const;
export type EventName = (typeof eventNames)[number];

/** `Status` of a receipt; empty for events that have none. */
const statusNames = [
  '',
  'success',
  'failed:user block',
  'failed: system failed',
  'failed:freq limit',
  'send success',
] as const;
export type EventStatus = (typeof statusNames)[number];

/**
 * What became of an event. `delivered`: the receiver answered well at least once, even if WeChat did not see that
 * answer. `given-up`: it never did, in all deliveries. `lost`: never sent.
 */
const fateNames = ['pending', 'delivered', 'given-up', 'lost'] as const;
export type EventFate = (typeof fateNames)[number];

/** What only some events carry. */
export interface EventExtra {
  eventKey?: string;
  ticket?: string;
  sessionFrom?: string;
  content?: string;
  /** MsgId of a person's message. */
  messageId?: string;
  choices?: readonly { template_id: string; choice: string }[];
  popupScene?: number;
  totalCount?: number;
  filterCount?: number;
}

/** One event as a row. */
export interface EventRow {
  /** 1 for the account's first event. */
  seq: number;
  name: EventName;
  status: EventStatus;
  fate: EventFate;
  /** HTTP requests made for it so far. */
  deliveries: number;
  index: number;
  createTime: number;
  /** The simulator's inner number of the message; 0 for none. */
  msgid: number;
  templateId: string | undefined;
  extra: EventExtra | undefined;
  /** Everything that chance decides about the event follows from this. */
  seed: number;
}

type NewRow = Pick<EventRow, 'name' | 'status' | 'index' | 'createTime' | 'msgid' | 'seed'> & {
  fate: 'pending' | 'lost';
  templateId?: string;
  extra?: EventExtra;
};

const pageBits = 14;
const pageSize = 1 << pageBits;
const cells = statusNames.length * fateNames.length;

/** 16,384 events in 30 bytes each: a campaign of 200,000 costs 6 MB, and no object for an event. */
class Page {
  readonly names = new Uint8Array(pageSize);
  readonly statuses = new Uint8Array(pageSize);
  readonly fates = new Uint8Array(pageSize);
  readonly deliveries = new Uint8Array(pageSize);
  readonly failures = new Uint8Array(pageSize);
  readonly templates = new Uint16Array(pageSize);
  readonly indexes = new Uint32Array(pageSize);
  readonly createTimes = new Uint32Array(pageSize);
  readonly seeds = new Uint32Array(pageSize);
  readonly msgids = new Float64Array(pageSize);
  readonly extras = new Map<number, EventExtra>();
  /** Events that still wait or are under way. */
  open = 0;
}

/** Every event of one account and what became of it, with counts that cost nothing to read. */
export class EventLog {
  readonly #pages = new Map<number, Page>();
  readonly #templates: string[] = [''];
  readonly #templateNumbers = new Map<string, number>();
  readonly #counts = new Float64Array(eventNames.length * cells);
  #oldestPage = 0;
  #size = 0;
  #changes = 0;

  /** Adds an event; its number. `open` ones stay readable until `close`. */
  add(row: NewRow, keep: number): number {
    const seq = ++this.#size;
    const number = seq >>> pageBits;
    let page = this.#pages.get(number);
    if (page === undefined) {
      page = new Page();
      this.#pages.set(number, page);
      this.#forget(keep);
    }
    const at = seq & (pageSize - 1);
    const name = eventNames.indexOf(row.name);
    const status = statusNames.indexOf(row.status);
    const fate = fateNames.indexOf(row.fate);
    page.names[at] = name;
    page.statuses[at] = status;
    page.fates[at] = fate;
    page.indexes[at] = row.index;
    page.createTimes[at] = row.createTime;
    page.seeds[at] = row.seed;
    page.msgids[at] = row.msgid;
    page.templates[at] = row.templateId === undefined ? 0 : this.#template(row.templateId);
    if (row.extra !== undefined) page.extras.set(at, row.extra);
    if (row.fate === 'pending') page.open++;
    this.#changes++;
    this.#count(name, status, fate, 1);
    return seq;
  }

  /** The event of that number, or undefined if it never was or is forgotten. */
  get(seq: number): EventRow | undefined {
    const page = this.#pages.get(seq >>> pageBits);
    if (page === undefined || seq < 1 || seq > this.#size) return undefined;
    return this.#row(page, seq);
  }

  /** Counts one HTTP request; how many that makes. */
  startDelivery(seq: number): number {
    const { page, at } = this.#open(seq);
    const deliveries = Math.min(255, (page.deliveries[at] as number) + 1);
    page.deliveries[at] = deliveries;
    return deliveries;
  }

  /** Counts one failed request; how many that makes. */
  failDelivery(seq: number): number {
    const { page, at } = this.#open(seq);
    const failures = Math.min(255, (page.failures[at] as number) + 1);
    page.failures[at] = failures;
    return failures;
  }

  /** Settles a pending event; one that is settled stays as it is. */
  settle(seq: number, fate: 'delivered' | 'given-up'): void {
    const { page, at } = this.#open(seq);
    if (page.fates[at] !== 0) return;
    const [name, status] = [page.names[at] as number, page.statuses[at] as number];
    page.fates[at] = fateNames.indexOf(fate);
    this.#changes++;
    this.#count(name, status, 0, -1);
    this.#count(name, status, fateNames.indexOf(fate), 1);
  }

  /** Nothing more will be sent for the event. */
  close(seq: number): void {
    this.#open(seq).page.open--;
  }

  /** The events that are still known, oldest first. */
  *rows(): Generator<EventRow> {
    for (let number = this.#oldestPage; number <= this.#size >>> pageBits; number++) {
      const page = this.#pages.get(number);
      if (page === undefined) continue;
      const last = Math.min(this.#size, number * pageSize + pageSize - 1);
      for (let seq = Math.max(1, number * pageSize); seq <= last; seq++) yield this.#row(page, seq);
    }
  }

  /** Finds a receipt by the inner number of its message without building the others. */
  byMsgid(msgid: number): EventRow | undefined {
    for (const [number, page] of this.#pages) {
      const at = page.msgids.indexOf(msgid);
      if (at >= 0 && msgid !== 0) return this.#row(page, number * pageSize + at);
    }
    return undefined;
  }

  /** The last known events of one person, oldest first, without building the others. */
  lastOf(index: number, limit: number): EventRow[] {
    const found: EventRow[] = [];
    for (let number = this.#size >>> pageBits; number >= this.#oldestPage; number--) {
      const page = this.#pages.get(number);
      if (page === undefined) continue;
      const last = Math.min(this.#size - number * pageSize, pageSize - 1);
      for (
        let at = page.indexes.lastIndexOf(index, last);
        at >= 0;
        at = page.indexes.lastIndexOf(index, at - 1)
      ) {
        // The first place of the first page is nobody's.
        if (number + at > 0) found.push(this.#row(page, number * pageSize + at));
        if (found.length === limit) return found.reverse();
        if (at === 0) break;
      }
    }
    return found.reverse();
  }

  /** Every count above 0. */
  *counts(): Generator<{ name: EventName; status: EventStatus; fate: EventFate; count: number }> {
    for (const [n, name] of eventNames.entries()) {
      for (const [s, status] of statusNames.entries()) {
        for (const [f, fate] of fateNames.entries()) {
          const count = this.#counts[n * cells + s * fateNames.length + f] as number;
          if (count > 0) yield { name, status, fate, count };
        }
      }
    }
  }

  get size(): number {
    return this.#size;
  }

  /** Goes up with every event, fate and `clear`, so that a look at it misses none; never down. */
  get changes(): number {
    return this.#changes;
  }

  clear(): void {
    this.#changes++;
    this.#pages.clear();
    this.#templates.length = 1;
    this.#templateNumbers.clear();
    this.#counts.fill(0);
    this.#oldestPage = 0;
    this.#size = 0;
  }

  #row(page: Page, seq: number): EventRow {
    const at = seq & (pageSize - 1);
    const template = page.templates[at] as number;
    return {
      seq,
      name: eventNames[page.names[at] as number] as EventName,
      status: statusNames[page.statuses[at] as number] as EventStatus,
      fate: fateNames[page.fates[at] as number] as EventFate,
      deliveries: page.deliveries[at] as number,
      index: page.indexes[at] as number,
      createTime: page.createTimes[at] as number,
      msgid: page.msgids[at] as number,
      templateId: template === 0 ? undefined : this.#templates[template],
      extra: page.extras.get(at),
      seed: page.seeds[at] as number,
    };
  }

  #open(seq: number): { page: Page; at: number } {
    // Pages with open events are never forgotten.
    return { page: this.#pages.get(seq >>> pageBits) as Page, at: seq & (pageSize - 1) };
  }

  /** Whole pages go, the oldest first, up to the first one that has an open event. */
  #forget(keep: number): void {
    const newest = this.#size >>> pageBits;
    while (this.#oldestPage < newest && (newest - this.#oldestPage) * pageSize > keep + pageSize) {
      if ((this.#pages.get(this.#oldestPage)?.open ?? 0) > 0) return;
      this.#pages.delete(this.#oldestPage++);
    }
  }

  #count(name: number, status: number, fate: number, by: 1 | -1): void {
    const cell = name * cells + status * fateNames.length + fate;
    this.#counts[cell] = (this.#counts[cell] as number) + by;
  }

  #template(id: string): number {
    let number = this.#templateNumbers.get(id);
    if (number === undefined) {
      number = this.#templates.push(id) - 1;
      this.#templateNumbers.set(id, number);
    }
    return number;
  }
}
