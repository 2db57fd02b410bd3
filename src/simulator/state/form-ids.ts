import { randomBytes } from 'node:crypto';

const lifeMs = 7 * 86_400_000;

interface FormId {
  index: number;
  left: number;
  expiresAtMs: number;
}

/** Retired form_ids: 7 days, one message each; a payment's prepay_id three. Only for the user that made them. */
export class FormIds {
  readonly #ids = new Map<string, FormId>();

  issue(index: number, source: 'form' | 'prepay', nowMs: number): string {
    const id = source === 'form' ? randomBytes(16).toString('hex') : `wx${randomBytes(17).toString('hex')}`;
    this.#ids.set(id, { index, left: source === 'form' ? 1 : 3, expiresAtMs: nowMs + lifeMs });
    return id;
  }

  /** 0 if the id may be used now. */
  check(id: string, index: number, nowMs: number): 0 | 41028 | 41029 {
    const found = this.#ids.get(id);
    if (found === undefined || found.index !== index || found.expiresAtMs <= nowMs) return 41028;
    return found.left > 0 ? 0 : 41029;
  }

  use(id: string): void {
    const found = this.#ids.get(id);
    if (found !== undefined) found.left--;
  }

  reset(): void {
    this.#ids.clear();
  }
}
