import { CountArray } from '../count-array.ts';

export interface MassJob {
  msgId: number;
  msgDataId: number;
  createdAtMs: number;
  deleted: boolean;
}

const first = 1_000_000_000;
const sendingMs = 5000;
const dayMs = 86_400_000;

/** Mass sends of one account and what was spent of their limits. */
export class MassJobs {
  readonly #jobs = new Map<number, MassJob>();
  readonly #clientMsgIds = new Map<string, { msgId: number; atMs: number }>();
  #perUser = new CountArray();
  #toAll = 0;
  #month = -1;
  #day = -1;
  #today = 0;

  create(nowMs: number): MassJob {
    const number = this.#jobs.size + 1;
    const job = { msgId: first + number, msgDataId: 2 * first + number, createdAtMs: nowMs, deleted: false };
    this.#jobs.set(job.msgId, job);
    return job;
  }

  get(msgId: number): MassJob | undefined {
    return this.#jobs.get(msgId);
  }

  status(job: MassJob, nowMs: number): string {
    if (job.deleted) return 'DELETE';
    return nowMs - job.createdAtMs < sendingMs ? 'SENDING' : 'SEND_SUCCESS';
  }

  /** The job of a `clientmsgid` used within 24 h. */
  byClientMsgId(id: string, nowMs: number): { msgId: number; atMs: number } | undefined {
    const found = this.#clientMsgIds.get(id);
    return found !== undefined && nowMs - found.atMs < dayMs ? found : undefined;
  }

  rememberClientMsgId(id: string, msgId: number, nowMs: number): void {
    this.#clientMsgIds.set(id, { msgId, atMs: nowMs });
  }

  /** Mass sends so far today (Asia/Shanghai), this one not counted. */
  today(day: number): number {
    if (day !== this.#day) {
      this.#day = day;
      this.#today = 0;
    }
    return this.#today;
  }

  /** How many mass sends reached that person this month; −1 asks for those to everyone. */
  thisMonth(month: number, index: number): number {
    if (month !== this.#month) {
      this.#month = month;
      this.#toAll = 0;
      this.#perUser = new CountArray();
    }
    return index < 0 ? this.#toAll : this.#toAll + this.#perUser.get(index);
  }

  count(indexes: readonly number[] | 'all'): void {
    this.#today++;
    if (indexes === 'all') this.#toAll++;
    else for (const index of indexes) this.#perUser.add(index);
  }

  reset(): void {
    this.#jobs.clear();
    this.#clientMsgIds.clear();
    this.#perUser = new CountArray();
    this.#toAll = 0;
    this.#month = -1;
    this.#day = -1;
    this.#today = 0;
  }
}
