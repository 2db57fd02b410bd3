import type { Moment } from '../../base/clock.ts';
import type { ChunkRecipient, Inherited } from '../../store/campaigns/chunks.ts';
import { factKind, isHeld } from '../../store/facts.ts';
import { type ChannelTiming, maxAttempts } from '../sending/attempts.ts';
import { inheritedItem } from './item.ts';
import type { LaterAttempts } from './later-attempts.ts';
import type { Tally } from './tally.ts';

/**
 * Sorts what earlier owners of a chunk left: who is settled is counted, who is in doubt or waits has a later attempt. Gives
 * the others, in their order: nobody has tried them.
 *
 * @param readAt before that was read
 */
export function sortInherited(
  recipients: ChunkRecipient[],
  inherited: Inherited[],
  into: { tally: Tally; later: LaterAttempts },
  readAt: Moment,
  timing: ChannelTiming,
): ChunkRecipient[] {
  if (inherited.length === 0) return recipients;
  const left = new Map(inherited.map((one) => [one.no, one]));
  return recipients.filter((recipient) => {
    const found = left.get(recipient.no);
    if (found !== undefined) sort(recipient, found, into, readAt, timing);
    return found === undefined;
  });
}

function sort(
  recipient: ChunkRecipient,
  found: Inherited,
  { tally, later }: { tally: Tally; later: LaterAttempts },
  readAt: Moment,
  timing: ChannelTiming,
): void {
  const { errcode, reason } = found;
  switch (found.kind) {
    case factKind.accepted:
      tally.settle({ outcome: 'accepted', errcode, reason });
      return;
    case factKind.rejected:
      tally.settle({ outcome: 'rejected', errcode, reason });
      return;
    case factKind.unknown:
      tally.settle({ outcome: 'unknown', errcode, reason });
      return;
    case factKind.inDoubt:
      if (isHeld(found)) tally.settle({ outcome: 'held', errcode, reason });
      else later.addDoubt(inheritedItem(recipient, found, readAt, timing));
      return;
    case factKind.retry:
    case factKind.started:
      if (found.counted >= maxAttempts || reason === 'no-credit')
        tally.settle({ outcome: 'again', errcode, reason });
      else later.add(inheritedItem(recipient, found, readAt, timing));
  }
}
