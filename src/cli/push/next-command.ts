import type { Campaign } from '../../store/campaigns/campaigns.ts';
import { liveNodes } from '../../store/database/nodes.ts';
import type { Pool } from '../../store/database/pool.ts';

type Standing = Pick<Campaign, 'id' | 'state' | 'readerGone' | 'confirmedBy'>;

/** Whether anybody plans and delivers at this moment. */
export async function isAnybodyWorking(pool: Pool): Promise<boolean> {
  return (await liveNodes(pool)).length > 0;
}

/** The command by which a campaign that waits for a person goes on, or ends; null while it moves by itself, or is over. */
export function nextCommand(campaign: Standing, isWorkedOn: boolean): string | null {
  const command = nextOf(campaign, isWorkedOn);
  return command === null ? null : `hongyan campaigns ${command} ${campaign.id}`;
}

function nextOf(campaign: Standing, isWorkedOn: boolean): 'cancel' | 'confirm' | 'approve' | 'resume' | null {
  switch (campaign.state) {
    case 'staging':
      return campaign.readerGone ? 'cancel' : null;
    case 'planning':
      return isWorkedOn ? null : 'confirm';
    case 'planned':
      return campaign.confirmedBy === null ? 'confirm' : 'approve';
    case 'running':
      return isWorkedOn ? null : 'resume';
    case 'paused':
      return 'resume';
    case 'done':
    case 'cancelled':
    case 'failed':
      return null;
  }
}
