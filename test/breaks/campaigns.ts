import type { Break } from './break.ts';

const contract = 'test/contract/campaigns.test.ts';

export const campaignsBreaks: Break[] = [
  {
    what: 'a plan is confirmed by the hash of what was looked at',
    file: 'src/app/campaigns/control.ts',
    find: 'if (input.planHash !== undefined && input.planHash !== (await planHash(pool, campaign)))',
    replace: 'if (false)',
    test: contract,
    name: 'names count and plan, or nothing is sent',
  },
  {
    what: 'two who write a draft do not overwrite each other',
    file: 'src/store/campaigns/drafts.ts',
    find: '     where id = $1 and revision = $2`',
    replace: '     where id = $1 and $2 > 0`',
    test: 'test/contract/drafts.test.ts',
    name: 'overwrites nobody, and says who was faster',
  },
  {
    what: 'a draft has one plan to look at',
    file: 'src/app/campaigns/drafts.ts',
    find: 'if (!isOver && earlier.confirmedBy === null)',
    replace: 'if (false)',
    test: 'test/contract/drafts.test.ts',
    name: 'names what is missing, then plans once for each revision',
  },
  {
    what: 'a changed template is another plan',
    file: 'src/app/campaigns/plan.ts',
    find: 'template?.title ?? null, template?.content ?? null,',
    replace: 'null, null,',
    test: contract,
    name: 'names count and plan, or nothing is sent',
  },
  {
    what: 'a campaign of another account is not found out by its number',
    file: 'src/app/campaigns/campaign.ts',
    find: '  await require(campaign.appid);\n  return campaign;',
    replace: '  return campaign;',
    test: contract,
  },
  {
    what: 'whoever lifts the limit of approval is held by it all the same',
    file: 'src/store/accounts/approval.ts',
    find: 'then least(a.approval_above, a.approval_before) else',
    replace: 'then a.approval_above else',
    test: 'test/campaigns/controls.test.ts',
    name: 'above the approval limit a second person must agree',
  },
  {
    what: 'a paused schedule is not looked at',
    file: 'src/store/campaigns/schedules.ts',
    find: 'where s.paused_at is null and s.looked_until',
    replace: 'where s.looked_until',
    test: 'test/campaigns/schedule-runs.test.ts',
    name: 'of a schedule that is paused is neither carried out nor missed',
  },
  {
    what: 'an upload that cannot be read leaves nothing behind',
    file: 'src/app/audience/uploads.ts',
    find: 'await remove(pool, id).catch(() => {});',
    replace: '',
    test: 'test/contract/audiences.test.ts',
    name: 'leaves nothing of one that cannot be read',
  },
  {
    what: 'a campaign that ends before it begins is refused',
    file: 'src/engine/campaigns/campaigns.ts',
    find: 'if (startAt === undefined || validUntil === undefined || validUntil > startAt) return;',
    replace: 'return;',
    test: 'test/campaigns/schedules.test.ts',
    name: 'times at which nothing could be sent are refused',
  },
];
