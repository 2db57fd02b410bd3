import { CountArray } from '../count-array.ts';
import { mix, seed32 } from '../random.ts';
import { salts } from './followers.ts';

interface Ledger {
  salt: number;
  used: CountArray;
  /** Balances that a test set; they no longer follow from the derivation. */
  set: Map<number, number>;
}

/** How often each user may still be sent each template. Long-term templates have no count, only a refusal. */
export class Credits {
  readonly #seed: number;
  readonly #range: { min: number; max: number };
  readonly #ledgers = new Map<string, Ledger>();

  constructor(seed: number, perUser: number | { min: number; max: number }) {
    this.#seed = seed;
    this.#range = typeof perUser === 'number' ? { min: perUser, max: perUser } : perUser;
  }

  balance(templateId: string, index: number): number {
    const ledger = this.#ledger(templateId);
    return ledger.set.get(index) ?? this.#base(ledger, index) - ledger.used.get(index);
  }

  take(templateId: string, index: number): void {
    const ledger = this.#ledger(templateId);
    const set = ledger.set.get(index);
    if (set === undefined) ledger.used.add(index);
    else ledger.set.set(index, Math.max(0, set - 1));
  }

  set(templateId: string, index: number, balance: number): void {
    this.#ledger(templateId).set.set(index, Math.max(0, balance));
  }

  /** A long-term template is refused by an explicit balance of 0 only. */
  refusesLongTerm(templateId: string, index: number): boolean {
    return this.#ledger(templateId).set.get(index) === 0;
  }

  reset(): void {
    this.#ledgers.clear();
  }

  #base(ledger: Ledger, index: number): number {
    const { min, max } = this.#range;
    return min === max ? min : min + (mix(this.#seed, index, ledger.salt) % (max - min + 1));
  }

  #ledger(templateId: string): Ledger {
    let ledger = this.#ledgers.get(templateId);
    if (ledger === undefined) {
      ledger = { salt: salts.credits + seed32(templateId), used: new CountArray(), set: new Map() };
      this.#ledgers.set(templateId, ledger);
    }
    return ledger;
  }
}
