const quietMs = 60_000;

/** Keeps what strangers or users can bring about at will from filling the log: once a minute of each kind is said. */
export class OnceAMinute {
  readonly #recent = new Map<string, { since: number; unsaid: number }>();

  /** How many were not said since the last time, when this one is to be said; null when it is not. */
  unsaid(id: string): number | null {
    const now = performance.now();
    const recent = this.#recent.get(id);
    if (recent !== undefined && now - recent.since < quietMs) {
      recent.unsaid++;
      return null;
    }
    this.#recent.set(id, { since: now, unsaid: 0 });
    return recent?.unsaid ?? 0;
  }
}
