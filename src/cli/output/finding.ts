import type { Value } from '../../texts/catalogue.ts';
import type { TextKey } from '../../texts/ui.ts';

/** One line of `hongyan doctor`. */
export interface Finding {
  /** Stable, for programs. */
  check: string;
  /** What it is, in the reader's language. */
  what: string;
  /** False: something does not work, or will not when it is needed. */
  ok: boolean;
  detail: string;
  /** What to do; beside `ok` only advice. */
  fix: string | null;
}

export type Say = (key: TextKey, values?: Record<string, Value>) => string;
