/**
 * What a fact says of one attempt at one recipient (`facts`) or single message (`message_facts`), as the database has it.
 *
 * What follows from it is decided by functions of the database: `fact_strength` (the strongest fact is the state),
 * `outcome_of` (what that state is called), `is_held`, `may_have_arrived`. `test/store/facts.test.ts` holds them, the
 * numbers here and the verdicts of src/engine/sending together.
 */
export const factKind = { started: 0, retry: 1, inDoubt: 2, unknown: 3, rejected: 4, accepted: 5 } as const;

export type FactKind = (typeof factKind)[keyof typeof factKind];

/** What became of a recipient or single message: `outcome_of` of its strongest fact. */
export type Outcome = 'accepted' | 'rejected' | 'unknown' | 'held' | 'unsent';

/** Of an `inDoubt` fact: WeChat holds the message for review; of an `unknown` one: it did, and nobody learned the end of it. */
export const heldReason = 'held';

/** Whether the fact says that WeChat holds the message, which settles it by itself: it is never sent again. As `is_held`. */
export function isHeld(fact: { kind: number; reason?: string | null }): boolean {
  return fact.kind === factKind.inDoubt && fact.reason === heldReason;
}

/**
 * SQL: whether the fact `f` leaves open what became of its attempt, or which msgid it has. The words of the partial indexes
 * `facts_unsettled` and `message_facts_unsettled`.
 */
export function unsettled(f: string): string {
  const { inDoubt, unknown, accepted } = factKind;
  return `(${f}.kind in (${inDoubt}, ${unknown}) or ${f}.kind = ${accepted} and ${f}.msgid is null)`;
}

/** SQL: whether the fact `f` is of a known end: refused, or accepted under a msgid. */
export function explained(f: string): string {
  return `(${f}.kind = ${factKind.rejected} or ${f}.kind = ${factKind.accepted} and ${f}.msgid is not null)`;
}
