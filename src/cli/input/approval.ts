import { hostname, userInfo } from 'node:os';
import { findCampaign } from '../../store/campaigns/campaigns.ts';
import { text } from '../../texts/ui.ts';
import type { CliContext } from '../context.ts';
import type { Session } from '../open.ts';

/** Who confirms or approves on the command line: the user of the machine. */
export function personName(): string {
  return `${userName()}@${hostname()}`;
}

export function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.() ?? 0}`; // a user without passwd entry
  }
}

/** Says that a confirmed campaign waits for a second person; false when it does not. */
export async function waitsForApproval(
  context: CliContext,
  session: Session,
  id: number,
  json: boolean,
): Promise<boolean> {
  const campaign = await findCampaign(session.store.pool, id);
  if (campaign?.state !== 'planned' || campaign.confirmedBy === null) return false;
  context.out(
    json
      ? JSON.stringify({
          campaign: id,
          state: 'planned',
          awaitingApproval: true,
          planned: campaign.plannedCount,
        })
      : text(context.lang, 'push.awaitsApproval', { id: String(id), planned: campaign.plannedCount }),
  );
  return true;
}
