import { failure, type HongyanError } from '../../base/errors.ts';
import { requireExclusions } from '../../engine/campaigns/retention.ts';
import { getAccount } from '../../store/accounts/accounts.ts';
import type { Contact } from '../../store/accounts/contacts.ts';
import {
  countFiltered,
  createFilter as create,
  editFilter as edit,
  type Filter,
  type FilterRules,
  findFilter,
  listFilters as list,
  listFiltered,
  removeFilter as remove,
} from '../../store/accounts/filters.ts';
import type { Pool } from '../../store/database/pool.ts';
import { formatTime } from '../../texts/times.ts';
import { action } from '../action.ts';
import { personOf } from '../actor.ts';
import { idOf, type Page, pageOf } from '../page.ts';

export type { Filter, FilterRules };

interface OfFilter {
  appid: string;
  id: number;
}
type Changed = 'filters.add' | 'filters.edit' | 'filters.remove';

/** Filters are made by those who make campaigns. */
function changes(name: Changed) {
  return {
    name,
    permission: 'campaign.create',
    audit: 'change',
    appid: ({ appid }: { appid: string }) => appid,
  } as const;
}
function reads(name: string) {
  return {
    name,
    permission: 'contact.read',
    audit: 'none',
    appid: ({ appid }: { appid: string }) => appid,
  } as const;
}

/** Throws `ACCOUNT_NOT_FOUND`, `FILTER_NAME_TAKEN`, `FILTER_EMPTY`, `CAMPAIGN_NOT_FOUND`, `CAMPAIGN_PRUNED`. */
export const addFilter = action<{ appid: string; name: string; rules: FilterRules }, Filter>(
  { ...changes('filters.add'), kept: ({ name, rules }) => ({ name, rules }) },
  async ({ store: { pool } }, { appid, name, rules }, { actor, trail }) => {
    await getAccount(pool, appid);
    await requireRules(pool, appid, rules);
    const made = await create(pool, { appid, name, rules, by: personOf(actor) });
    if (made === null) throw failure('FILTER_NAME_TAKEN', { name });
    trail.target = made.id;
    return made;
  },
);

/** In the order in which they were made. */
export const listFilters = action<
  { appid: string; limit: number; cursor?: string | undefined },
  Page<Filter>
>(reads('filters.list'), async ({ store: { pool } }, { appid, limit, cursor }) => {
  await getAccount(pool, appid);
  const data = await list(pool, appid, idOf(cursor) ?? 0, limit);
  return pageOf(data, data.length === limit ? (data.at(-1)?.id ?? null) : null);
});

/** Throws `FILTER_NOT_FOUND`. */
export const showFilter = action<OfFilter, Filter>(
  { ...reads('filters.show'), target: ({ id }) => id },
  async ({ store: { pool } }, of) => await requireFilter(pool, of),
);

/**
 * What is not named, or undefined, stays as it is; rules as a whole. Campaigns keep those that they were made with. Throws
 * `FILTER_CHANGED` when somebody else was faster, and says who.
 */
export const editFilter = action<
  OfFilter & { revision: number; name?: string | undefined; rules?: FilterRules | undefined },
  Filter
>(
  {
    ...changes('filters.edit'),
    target: ({ id }) => id,
    kept: ({ name, rules }) => ({ name, rules }),
  },
  async ({ store: { pool } }, { appid, id, revision, ...change }, { actor, trail }) => {
    const before = await requireFilter(pool, { appid, id });
    if (before.revision !== revision) throw await changed(pool, before, revision);
    const { name = before.name, rules = before.rules } = change;
    trail.before = { name: before.name, rules: before.rules };
    await requireRules(pool, appid, rules);
    const edited = await edit(pool, id, revision, { name, rules, by: personOf(actor) });
    if (edited === 'taken') throw failure('FILTER_NAME_TAKEN', { name });
    if (edited === null) throw await changed(pool, await requireFilter(pool, { appid, id }), revision);
    return edited;
  },
);

/** Removing it again does nothing; campaigns keep its rules. Throws `FILTER_IN_USE` while a schedule sends to it. */
export const removeFilter = action<OfFilter, void>(
  { ...changes('filters.remove'), target: ({ id }) => id },
  async ({ store: { pool } }, { appid, id }, { trail }) => {
    const before = await findFilter(pool, appid, id);
    if (before === null) return;
    trail.before = { name: before.name, rules: before.rules };
    const schedules = await remove(pool, id);
    if (schedules.length > 0)
      throw failure('FILTER_IN_USE', { id: String(id), schedules: schedules.map(String) });
  },
);

/** How many the rules find at this moment, and the first of them. Nothing is kept. Throws like `addFilter`. */
export const countFilter = action<
  { appid: string; rules: FilterRules; first?: number },
  { count: number; unknown: number; first: Contact[] }
>(reads('filters.count'), async ({ store: { pool } }, { appid, rules, first = 5 }) => {
  await getAccount(pool, appid);
  await requireCampaigns(pool, appid, rules);
  return await countFiltered(pool, appid, rules, first);
});

/** Whom a filter finds, in the order of their openids. Throws `FILTER_NOT_FOUND`, `CAMPAIGN_PRUNED`. */
export const listFilterContacts = action<
  OfFilter & { limit: number; cursor?: string | undefined },
  Page<Contact>
>(
  { ...reads('filters.contacts'), target: ({ id }) => id },
  async ({ store: { pool } }, { appid, id, limit, cursor }) => {
    const { rules } = await requireFilter(pool, { appid, id });
    await requireCampaigns(pool, appid, rules);
    const rows = await listFiltered(pool, appid, rules, { after: cursor ?? '', limit });
    return pageOf(rows, rows.length < limit ? null : (rows.at(-1)?.openid ?? null));
  },
);

async function requireFilter(pool: Pool, { appid, id }: OfFilter): Promise<Filter> {
  const filter = await findFilter(pool, appid, id);
  if (filter === null) throw failure('FILTER_NOT_FOUND', { id: String(id), appid });
  return filter;
}

/** Who was faster, and when, on the clocks of the account. */
async function changed(pool: Pool, filter: Filter, revision: number): Promise<HongyanError> {
  const { timeZone } = await getAccount(pool, filter.appid);
  return failure('FILTER_CHANGED', {
    ...{ id: String(filter.id), who: filter.changedBy, at: formatTime(filter.changedAt, timeZone) },
    ...{ is: String(filter.revision), was: String(revision) },
  });
}

/** Without a rule it would be everybody, by an oversight. */
async function requireRules(pool: Pool, appid: string, rules: FilterRules): Promise<void> {
  if (Object.values(rules).every((rule) => rule === undefined)) throw failure('FILTER_EMPTY', {});
  await requireCampaigns(pool, appid, rules);
}

/** Campaigns whose people are known. */
async function requireCampaigns(pool: Pool, appid: string, rules: FilterRules): Promise<void> {
  await requireExclusions(pool, appid, [], { kind: 'filter', id: 0, name: '', rules });
}
