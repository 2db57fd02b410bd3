import { CountArray } from '../count-array.ts';
import { inShare } from '../random.ts';
import type { Followers } from './followers.ts';
import { salts } from './followers.ts';

/** What a user did that lets the account answer. `enter` is a Mini Program's user_enter_tempsession. */
export type KfTrigger = 'message' | 'menu' | 'follow' | 'scan' | 'enter';

const minuteMs = 60_000;
const windowRules: Record<KfTrigger, { sends: number; lifeMs: number }> = {
  message: { sends: 5, lifeMs: 48 * 60 * minuteMs },
  menu: { sends: 3, lifeMs: minuteMs },
  follow: { sends: 3, lifeMs: minuteMs },
  scan: { sends: 3, lifeMs: minuteMs },
  enter: { sends: 2, lifeMs: minuteMs },
};

interface Window {
  left: number;
  untilMs: number;
}

/** Customer-service windows: so many messages within so long after the user did something. */
export class KfWindows {
  readonly #followers: Followers;
  readonly #openShare: number;
  readonly #startedAtMs: number;
  readonly #windows = new Map<number, Window>();
  readonly #usedOfDerived = new CountArray();

  constructor(followers: Followers, openShare: number, startedAtMs: number) {
    this.#followers = followers;
    this.#openShare = openShare;
    this.#startedAtMs = startedAtMs;
  }

  open(index: number, trigger: KfTrigger, nowMs: number): void {
    const { sends, lifeMs } = windowRules[trigger];
    this.#windows.set(index, { left: sends, untilMs: nowMs + lifeMs });
  }

  close(index: number): void {
    this.#windows.set(index, { left: 0, untilMs: 0 });
  }

  check(index: number, nowMs: number): 0 | 45015 | 45047 {
    const window = this.#windows.get(index);
    if (window !== undefined) return window.untilMs <= nowMs ? 45015 : window.left > 0 ? 0 : 45047;
    if (nowMs - this.#startedAtMs >= windowRules.message.lifeMs) return 45015;
    if (!inShare(this.#followers.seed, index, salts.kf, this.#openShare)) return 45015;
    return this.#usedOfDerived.get(index) < windowRules.message.sends ? 0 : 45047;
  }

  take(index: number): void {
    const window = this.#windows.get(index);
    if (window === undefined) this.#usedOfDerived.add(index);
    else window.left--;
  }

  reset(): void {
    this.#windows.clear();
    this.#usedOfDerived.clear();
  }
}
