import { failure } from '../../base/errors.ts';
import { getAccount } from '../../store/accounts/accounts.ts';
import {
  type DeliveryCursor,
  type DeliverySearch,
  findDeliveries,
  readDeliveries,
  type Delivery as Stored,
} from '../../store/deliveries/deliveries.ts';
import { action } from '../action.ts';
import { type Page, pageOf } from '../page.ts';

/** One message to one person, under WeChat's own names: a single one (`messageId`), or one of a campaign. */
export interface Delivery extends Omit<Stored, 'openid' | 'campaignId' | 'no'> {
  touser: string;
  messageId: number | null;
  campaignId: number | null;
  /** Its number in the campaign. */
  no: number | null;
}

/** Whom, what or why; one of `touser`, `ref`, `msgid`, `campaignId` and `errcode` has to be given. */
export interface DeliveryWish {
  appid?: string | undefined;
  touser?: string | undefined;
  ref?: string | undefined;
  msgid?: string | undefined;
  campaignId?: number | undefined;
  /** Of the answer that settled it. */
  errcode?: number | undefined;
  /** Asked for at or after; with `errcode` as what is looked for, answered. */
  from?: Date | undefined;
  to?: Date | undefined;
  cursor?: string | undefined;
  limit: number;
}

/** So many more places are looked at for a page of those that fit, when the first ones were not enough. */
const mostScanned = 1_000;

/**
 * Who got what, when, and what became of it, the newest first: single messages and recipients of campaigns in one list.
 * Where filters leave out many, a page may have fewer than `limit` though another one follows.
 *
 * Throws `SEARCH_INVALID` when nothing is looked for.
 */
export const searchDeliveries = action<DeliveryWish, Page<Delivery>>(
  {
    name: 'deliveries.search',
    permission: 'message.read',
    audit: 'none',
    appid: ({ appid }) => appid ?? null,
  },
  async ({ store: { pool } }, { appid, touser, limit, cursor, ...wish }, { actor: { accounts } }) => {
    const search: DeliverySearch = {
      openid: touser ?? null,
      ref: wish.ref ?? null,
      msgid: wish.msgid ?? null,
      campaignId: wish.campaignId ?? null,
      errcode: wish.errcode ?? null,
      appids: appid !== undefined ? [appid] : accounts === 'all' ? null : [...accounts],
      from: wish.from ?? null,
      to: wish.to ?? null,
    };
    const { openid, ref, msgid, campaignId, errcode } = search;
    const given = [openid, ref, msgid, campaignId, errcode].filter((one) => one !== null).length;
    if (given === 0) throw failure('SEARCH_INVALID', {});
    if (appid !== undefined) await getAccount(pool, appid);
    // An errcode that came and was not the last word does not fit either. Nearly all do, and a look at a thousand costs as much
    // as all the rest.
    const scans = given > 1 || errcode !== null ? [2 * (limit + 1), mostScanned] : [limit + 1];
    const found: { delivery: Delivery; place: DeliveryCursor }[] = [];
    const seen = new Set<string>();
    let after = placeOf(cursor);
    let isWhole = false;
    for (const scanned of scans) {
      const places = await findDeliveries(pool, search, after, scanned);
      for (let i = 0; i < places.length && found.length <= limit; i += limit + 1) {
        const some = places.slice(i, i + limit + 1);
        const read = new Map((await readDeliveries(pool, some)).map((one) => [nameOf(one), one]));
        for (const place of some) {
          const one = read.get(nameOf(place));
          if (one === undefined || seen.has(nameOf(place)) || !fits(one, search)) continue;
          // By errcode alone it is found at each time at which that came, and stands at the one that settled it.
          if (given === 1 && errcode !== null && !isOf(one.at, place)) continue;
          seen.add(nameOf(place));
          found.push({ delivery: shown(one), place });
        }
      }
      isWhole = places.length < scanned;
      after = places.at(-1) ?? after;
      if (isWhole || found.length > limit) break;
    }
    const page = found.slice(0, limit);
    const last = found.length > limit ? page.at(-1)?.place : isWhole ? null : after;
    return pageOf(
      page.map(({ delivery }) => delivery),
      last == null ? null : `${last.at}.${last.campaignId}.${last.no}`,
    );
  },
);

function nameOf({ campaignId, no }: { campaignId: number; no: number }): string {
  return `${campaignId} ${no}`;
}

function fits(one: Stored, { openid, ref, msgid, campaignId, errcode }: DeliverySearch): boolean {
  return (
    (openid === null || one.openid === openid) &&
    (ref === null || one.ref === ref) &&
    (msgid === null || one.msgid === msgid) &&
    (campaignId === null || one.campaignId === campaignId) &&
    (errcode === null || one.errcode === errcode)
  );
}

/** Dates have no microseconds. */
function isOf(at: Date | null, place: DeliveryCursor): boolean {
  return at !== null && Math.abs(at.getTime() - Number(place.at) / 1000) < 1.5;
}

function shown({ openid, campaignId, no, ...one }: Stored): Delivery {
  const place =
    campaignId === 0 ? { messageId: no, campaignId: null, no: null } : { messageId: null, campaignId, no };
  return { ...place, ...one, touser: openid };
}

function placeOf(cursor: string | undefined): DeliveryCursor | null {
  if (cursor === undefined) return null;
  const [, at, campaignId, no] = /^(\d{1,16})\.(\d{1,15})\.(\d{1,15})$/.exec(cursor) ?? [];
  if (at === undefined) throw failure('CURSOR_INVALID', { value: cursor.slice(0, 40) });
  return { at, campaignId: Number(campaignId), no: Number(no) };
}
