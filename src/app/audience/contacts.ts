import { failure } from '../../base/errors.ts';
import { getAccount } from '../../store/accounts/accounts.ts';
import {
  type Contact,
  type ContactFilter,
  findContact,
  listContacts as list,
} from '../../store/accounts/contacts.ts';
import { isSuppressed } from '../../store/accounts/suppressions.ts';
import { action } from '../action.ts';
import { type Page, pageOf } from '../page.ts';

export type { Contact, ContactFilter };

interface ContactPage {
  appid: string;
  filter: Partial<ContactFilter>;
  limit: number;
  /** The last openid of the page before. */
  cursor?: string | undefined;
}

/** In the order of their openids. Throws `ACCOUNT_NOT_FOUND`. */
export const listContacts = action<ContactPage, Page<Contact>>(
  { name: 'contacts.list', permission: 'contact.read', audit: 'none', appid: ({ appid }) => appid },
  async ({ store: { pool } }, input) => await page(pool, input),
);

/** The same, page by page into a file: everybody of an account leaves with it, so the audit has a row. */
export const exportContacts = action<ContactPage, Page<Contact>>(
  { name: 'contacts.export', permission: 'contact.read', audit: 'export', appid: ({ appid }) => appid },
  async ({ store: { pool } }, input) => await page(pool, input),
);

async function page(
  pool: Parameters<typeof list>[0],
  { appid, filter, limit, cursor }: ContactPage,
): Promise<Page<Contact>> {
  await getAccount(pool, appid);
  const { openid = null, unionid = null, tagId = null, follows = null } = filter;
  const rows = await list(pool, appid, { openid, unionid, tagId, follows }, { after: cursor ?? '', limit });
  return pageOf(rows, rows.length < limit ? null : (rows.at(-1)?.openid ?? null));
}

/** What is known of one person, and whether campaigns may send to them. Throws `ACCOUNT_NOT_FOUND`, `CONTACT_NOT_FOUND`. */
export const showContact = action<{ appid: string; openid: string }, Contact & { suppressed: boolean }>(
  { name: 'contacts.show', permission: 'contact.read', audit: 'none', appid: ({ appid }) => appid },
  async ({ store: { pool } }, { appid, openid }) => {
    await getAccount(pool, appid);
    const contact = await findContact(pool, appid, openid);
    if (contact === null) throw failure('CONTACT_NOT_FOUND', { appid });
    return { ...contact, suppressed: await isSuppressed(pool, appid, openid) };
  },
);

export interface TagView {
  id: number;
  name: string;
  /** Followers with it, by WeChat's count. */
  count: number;
}

/** The tags of an Official Account, asked of WeChat. Throws `ACCOUNT_NOT_FOUND`, and what WeChat said. */
export const listTags = action<{ appid: string }, { data: TagView[] }>(
  { name: 'tags.list', permission: 'contact.read', audit: 'none', appid: ({ appid }) => appid },
  async ({ store: { pool }, clients }, { appid }) => {
    const { kind } = await getAccount(pool, appid);
    if (kind === 'miniprogram') throw failure('NO_TAGS', { appid });
    const tags = await (await clients.get(appid)).tags.list();
    return { data: tags.map(({ id, name, count = 0 }) => ({ id, name, count })) };
  },
);
