import { randomBytes } from 'node:crypto';

export interface IssuedToken<Owner> {
  owner: Owner;
  text: string;
  kind: 'classic' | 'stable';
  expiresAtMs: number;
  /** When a newer token or an operator ended it; later than `expiresAtMs` if nothing did. */
  endedAtMs: number;
}

export interface TokenRules {
  /** Seconds that a replaced classic token goes on working. */
  overlapSeconds: number;
  expiresIn: number;
}

const renewBeforeMs = 300_000;
const forcePauseMs = 30_000;
/** Dead tokens stay known, so that an expired one answers 42001 and not 40001. */
const keepDead = 200;

/** The tokens of one account. Classic and stable ones do not touch one another. */
export class Tokens<Owner> {
  readonly #owner: Owner;
  readonly #all: Map<string, IssuedToken<Owner>>;
  readonly #rules: TokenRules;
  readonly #issued: IssuedToken<Owner>[] = [];
  #classic: IssuedToken<Owner> | undefined;
  #stable: IssuedToken<Owner> | undefined;
  #forcedAtMs = Number.NEGATIVE_INFINITY;
  #generation = 50;

  /** `all` is shared by the accounts of a simulator: a token finds its owner there. */
  constructor(owner: Owner, all: Map<string, IssuedToken<Owner>>, rules: TokenRules) {
    this.#owner = owner;
    this.#all = all;
    this.#rules = rules;
  }

  /** `/cgi-bin/token`: always a new one; the one before dies after the overlap. */
  classic(nowMs: number): { token: string; expiresIn: number } {
    const before = this.#classic;
    if (before !== undefined) {
      before.endedAtMs = Math.min(before.endedAtMs, nowMs + this.#rules.overlapSeconds * 1000);
    }
    this.#classic = this.#issue('classic', nowMs);
    return { token: this.#classic.text, expiresIn: this.#rules.expiresIn };
  }

  /** `/cgi-bin/stable_token` in normal mode: the same one until its last 5 minutes. */
  stable(nowMs: number): { token: string; expiresIn: number } {
    const current = this.#stable;
    if (current !== undefined && current.endedAtMs > nowMs) {
      const remainingMs = current.expiresAtMs - nowMs;
      if (remainingMs > renewBeforeMs) {
        return { token: current.text, expiresIn: Math.ceil(remainingMs / 1000) };
      }
    }
    this.#stable = this.#issue('stable', nowMs);
    return { token: this.#stable.text, expiresIn: this.#rules.expiresIn };
  }

  /** Whether a forced refresh now would really refresh. */
  canForce(nowMs: number): boolean {
    return nowMs - this.#forcedAtMs >= forcePauseMs;
  }

  /** Forced mode: the stable token before this one dies at once. */
  forced(nowMs: number): { token: string; expiresIn: number } {
    this.#forcedAtMs = nowMs;
    if (this.#stable !== undefined) this.#stable.endedAtMs = Math.min(this.#stable.endedAtMs, nowMs);
    this.#stable = this.#issue('stable', nowMs);
    return { token: this.#stable.text, expiresIn: this.#rules.expiresIn };
  }

  /** Ends all tokens now: `expired` answers 42001, `superseded` 40001. */
  end(how: 'expired' | 'superseded', nowMs: number): void {
    for (const token of this.#issued) {
      if (how === 'expired') token.expiresAtMs = Math.min(token.expiresAtMs, nowMs);
      else token.endedAtMs = Math.min(token.endedAtMs, nowMs);
    }
    this.#classic = undefined;
    this.#stable = undefined;
  }

  reset(): void {
    for (const token of this.#issued) this.#all.delete(token.text);
    this.#issued.length = 0;
    this.#classic = undefined;
    this.#stable = undefined;
    this.#forcedAtMs = Number.NEGATIVE_INFINITY;
  }

  #issue(kind: 'classic' | 'stable', nowMs: number): IssuedToken<Owner> {
    const head = `${this.#generation++}_`;
    const text =
      head +
      randomBytes(102)
        .toString('base64url')
        .slice(0, 136 - head.length);
    const token: IssuedToken<Owner> = {
      owner: this.#owner,
      text,
      kind,
      expiresAtMs: nowMs + this.#rules.expiresIn * 1000,
      endedAtMs: Number.POSITIVE_INFINITY,
    };
    this.#all.set(text, token);
    this.#issued.push(token);
    while (this.#issued.length > keepDead) {
      const oldest = this.#issued.shift();
      if (oldest !== undefined) this.#all.delete(oldest.text);
    }
    return token;
  }
}
