import type { Account } from '../state/account.ts';
import { type Answer, type Failure, fail, isFailure, okAnswer } from './answers.ts';
import { type Body, object, officialAccounts, queryValue, type Route, text } from './route.ts';

const maxTags = 100;
const maxTagsOfUser = 20;
const maxBatch = 50;
const maxFansToDelete = 100_000;
const pageSize = 10_000;
/** Bytes or characters: the documents do not agree; the error text says bytes. */
const maxNameBytes = 30;

const tagRoute = { auth: 'token', kinds: officialAccounts } as const;

export const tagRoutes: Route[] = [
  {
    ...tagRoute,
    path: '/cgi-bin/tags/create',
    method: 'POST',
    body: 'json',
    handle: ({ account, body }) => {
      const name = text(object(body.tag)?.name);
      const refused = checkName(account, name);
      if (refused !== undefined) return refused;
      if (account.tags.all().length >= maxTags) return fail(45056);
      const tag = account.tags.create(name as string); // checkName refuses anything but text
      return JSON.stringify({ tag: { id: tag.id, name: tag.name } });
    },
  },
  {
    ...tagRoute,
    path: '/cgi-bin/tags/get',
    method: 'GET',
    body: 'none',
    handle: ({ account }) => {
      const { tags } = account;
      return JSON.stringify({
        tags: tags.all().map((tag) => ({ id: tag.id, name: tag.name, count: tags.count(tag) })),
      });
    },
  },
  {
    ...tagRoute,
    path: '/cgi-bin/tags/update',
    method: 'POST',
    body: 'json',
    handle: ({ account, body }) => {
      const asked = object(body.tag);
      const tag = ownTag(account, asked?.id);
      if (isFailure(tag)) return tag;
      const name = text(asked?.name);
      const refused = name === tag.name ? undefined : checkName(account, name);
      if (refused !== undefined) return refused;
      tag.name = name as string; // checkName refuses anything but text
      return okAnswer;
    },
  },
  {
    ...tagRoute,
    path: '/cgi-bin/tags/delete',
    method: 'POST',
    body: 'json',
    handle: ({ account, body }) => {
      const tag = ownTag(account, object(body.tag)?.id);
      if (isFailure(tag)) return tag;
      if (account.tags.count(tag) > maxFansToDelete) return fail(45057);
      account.tags.delete(tag.id);
      return okAnswer;
    },
  },
  {
    ...tagRoute,
    path: '/cgi-bin/user/tag/get',
    // The documents say GET and show a body; clients POST.
    method: 'ANY',
    body: 'json',
    handle: membersPage,
  },
  {
    ...tagRoute,
    path: '/cgi-bin/tags/members/batchtagging',
    method: 'POST',
    body: 'json',
    handle: ({ account, body }) => setMembers(account, body, true),
  },
  {
    ...tagRoute,
    path: '/cgi-bin/tags/members/batchuntagging',
    method: 'POST',
    body: 'json',
    handle: ({ account, body }) => setMembers(account, body, false),
  },
  {
    ...tagRoute,
    path: '/cgi-bin/tags/getidlist',
    method: 'POST',
    body: 'json',
    handle: ({ account, body, query }) => {
      const index = account.followers.find(body.openid ?? queryValue(query, 'openid'));
      if (index < 0) return fail(40003);
      return JSON.stringify({ tagid_list: account.tags.of(index) });
    },
  },
];

function membersPage({ account, body }: { account: Account; body: Body }): Answer {
  const tag = account.tags.get(Number(body.tagid));
  if (tag === undefined) return fail(45159);
  const next = text(body.next_openid) ?? '';
  const after = next === '' ? -1 : account.followers.find(next);
  if (after < 0 && next !== '') return fail(40003);
  const openids = account.followers.codec.encodeAll(account.tags.page(tag, after, pageSize));
  if (openids.length === 0) return '{"count":0}';
  return JSON.stringify({ count: openids.length, data: { openid: openids }, next_openid: openids.at(-1) });
}

function setMembers(account: Account, body: Body, member: boolean): Answer {
  const { followers, tags } = account;
  const tag = tags.get(Number(body.tagid));
  if (tag === undefined) return fail(45159);
  const indexes = openidList(account, body.openid_list, maxBatch);
  if (isFailure(indexes)) return indexes;
  if (indexes.some((index) => !followers.follows(index))) return fail(50005);
  if (member) {
    const isFull = (index: number): boolean =>
      !tags.has(tag, index) && tags.of(index).length >= maxTagsOfUser;
    if (indexes.some(isFull)) return fail(45059);
  }
  for (const index of indexes) tags.set(tag, index, member);
  return okAnswer;
}

/** The people of a list of openids; 40032 for a wrong number of them, 49003 for one of another account. */
export function openidList(account: Account, list: unknown, max: number): number[] | Failure {
  if (!Array.isArray(list)) return fail(40031);
  if (list.length === 0 || list.length > max) return fail(40032);
  const indexes: number[] = [];
  for (const openid of list) {
    const index = account.followers.find(openid);
    if (index < 0) return fail(typeof openid === 'string' && openid.length === 28 ? 49003 : 40003);
    indexes.push(index);
  }
  return indexes;
}

function ownTag(account: Account, id: unknown): NonNullable<ReturnType<Account['tags']['get']>> | Failure {
  const number = Number(id);
  if (number === 0 || number === 1 || number === 2) return fail(45058);
  return account.tags.get(number) ?? fail(45159);
}

function checkName(account: Account, name: string | undefined): Failure | undefined {
  if (name === undefined || name === '') return fail(45157);
  if (Buffer.byteLength(name) > maxNameBytes) return fail(45158);
  return account.tags.byName(name) === undefined ? undefined : fail(45157);
}
