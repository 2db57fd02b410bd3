import {
  type BackgroundSyncs,
  countFollowers,
  type FollowerSyncRow,
  listFollowerSyncs,
  showFollowerSync,
  startFollowerSync,
} from '../../../app/accounts/followers.ts';
import { addSuppressions, listSuppressions, removeSuppressions } from '../../../app/accounts/suppressions.ts';
import { type Contact, listContacts, listTags, showContact } from '../../../app/audience/contacts.ts';
import { eraseContact } from '../../../app/audience/erase.ts';
import type { contactsRoutes } from '../../../contract/audience/contacts.ts';
import { type Handlers, via } from '../../register.ts';
import { goneSignal } from '../gone.ts';

export function contactsHandlers(syncs: BackgroundSyncs): Handlers<typeof contactsRoutes> {
  return {
    'GET /v1/contacts': via(
      listContacts,
      ({ query: { appid, openid, unionid, tag, follows, limit, cursor } }) => ({
        ...{ appid, limit, cursor },
        filter: {
          ...{ openid: openid ?? null, unionid: unionid ?? null },
          ...{ tagId: tag ?? null, follows: follows ?? null },
        },
      }),
      ({ data, next }) => ({ data: data.map(contactOf), next }),
    ),
    'GET /v1/contacts/{openid}': via(
      showContact,
      ({ params: { openid }, query: { appid } }) => ({ appid, openid }),
      ({ suppressed, ...contact }) => ({ ...contactOf(contact), suppressed }),
    ),
    'DELETE /v1/contacts/{openid}': via(
      eraseContact,
      ({ params: { openid }, query: { appid }, reply }) => ({ appid, openid, signal: goneSignal(reply) }),
      (erased) => erased,
    ),
    'GET /v1/accounts/{appid}/tags': via(
      listTags,
      ({ params }) => params,
      (tags) => tags,
    ),
    'POST /v1/accounts/{appid}/follower-syncs': via(
      startFollowerSync,
      ({ params: { appid }, body }) => ({ appid, ...body, syncs }),
      syncOf,
    ),
    'GET /v1/accounts/{appid}/follower-syncs': via(
      listFollowerSyncs,
      ({ params: { appid }, query }) => ({ appid, ...query }),
      ({ data, next }) => ({ data: data.map(syncOf), next }),
    ),
    'GET /v1/accounts/{appid}/follower-syncs/{id}': via(showFollowerSync, ({ params }) => params, syncOf),
    'GET /v1/accounts/{appid}/followers/count': via(
      countFollowers,
      ({ params }) => params,
      ({ all, following, unfollowed, syncedAt }) => ({
        ...{ all, following, unfollowed },
        syncedAt: syncedAt?.toISOString() ?? null,
      }),
    ),
    'GET /v1/accounts/{appid}/suppressions': via(
      listSuppressions,
      ({ params: { appid }, query: { openid, limit, cursor } }) => ({
        appid,
        openid,
        limit,
        after: cursor ?? '',
      }),
      ({ suppressions }, { query: { limit } }) => ({
        data: suppressions.map(({ createdAt, ...one }) => ({ ...one, createdAt: createdAt.toISOString() })),
        next: suppressions.length < limit ? null : (suppressions.at(-1)?.openid ?? null),
      }),
    ),
    'POST /v1/accounts/{appid}/suppressions': via(
      addSuppressions,
      ({ params: { appid }, body: { openids, note } }) => ({ appid, note, pages: onePage(openids) }),
      (added) => added,
    ),
    'DELETE /v1/accounts/{appid}/suppressions/{openid}': via(
      removeSuppressions,
      ({ params: { appid, openid } }) => ({ appid, pages: onePage([openid]) }),
      (removed) => removed,
    ),
  };
}

async function* onePage(openids: string[]): AsyncGenerator<string[]> {
  yield openids;
}

const iso = (time: Date | null): string | null => time?.toISOString() ?? null;

export function contactOf({ subscribedAt, firstSeenAt, unfollowedAt, detailedAt, ...rest }: Contact) {
  return {
    ...rest,
    subscribedAt: iso(subscribedAt),
    firstSeenAt: firstSeenAt.toISOString(),
    unfollowedAt: iso(unfollowedAt),
    detailedAt: iso(detailedAt),
  };
}

function syncOf({ startedAt, finishedAt, ...rest }: FollowerSyncRow) {
  return { ...rest, startedAt: startedAt.toISOString(), finishedAt: iso(finishedAt) };
}
