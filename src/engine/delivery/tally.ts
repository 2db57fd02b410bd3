import type { ChunkCounts } from '../../store/campaigns/flush.ts';
import type { Verdict } from '../sending/verdict.ts';

/** The absolute counts of one chunk, as its owner knows them. */
export class Tally {
  readonly counts: ChunkCounts = {
    accepted: 0,
    rejected: 0,
    unknown: 0,
    held: 0,
    outcomes: { rejected: {}, unknown: {}, unsent: {} },
  };

  /** A recipient's last word under this owner. */
  settle(verdict: Pick<Verdict, 'outcome' | 'errcode' | 'reason'>): void {
    const why = String(verdict.errcode ?? verdict.reason ?? 'unknown');
    switch (verdict.outcome) {
      case 'accepted':
        this.counts.accepted++;
        return;
      case 'rejected':
        this.counts.rejected++;
        add(this.counts.outcomes.rejected, why);
        return;
      case 'unknown':
        this.counts.unknown++;
        add(this.counts.outcomes.unknown, why);
        return;
      case 'held':
        this.counts.held++;
        return;
      case 'again':
        add(this.counts.outcomes.unsent, why);
        return;
    }
  }
}

function add(map: Record<string, number>, key: string): void {
  map[key] = (map[key] ?? 0) + 1;
}
