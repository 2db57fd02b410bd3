import { failure } from '../../base/errors.ts';
import { eraseFromPages } from '../../engine/audience/source-pages.ts';
import { getAccount } from '../../store/accounts/accounts.ts';
import { inTransaction } from '../../store/database/pool.ts';
import { erasePerson, linesOf, markErased, stillSends, unionidOf, unmarkErased } from '../../store/erase.ts';
import { action } from '../action.ts';
import { removeUploadsWith } from './uploads.ts';

/**
 * Removes one person from everything that is stored of the account: what counts them stays as a row without a name, the rest
 * goes. A digest stays, so that no campaign of the account sends to them even where a file or WeChat names them again;
 * taking them off the suppression list (`removeSuppressions`) ends that. Nobody of that openid: the same, nothing is found.
 *
 * Throws `CONTACT_BUSY` while something may still be sent to them: what was reserved could not be told from what is gone.
 */
export const eraseContact = action<
  { appid: string; openid: string; signal: AbortSignal },
  { rows: number; tables: Record<string, number> }
>(
  { name: 'contacts.erase', permission: 'contact.manage', audit: 'change', appid: ({ appid }) => appid },
  async (app, { appid, openid, signal }, { trail }) => {
    const { pool } = app.store;
    await getAccount(pool, appid);
    // First, so that whoever plans from here on leaves them out, and whoever planned before is seen.
    const isNew = await markErased(pool, appid, openid);
    const { campaigns, messages } = await stillSends(pool, appid, openid);
    if (campaigns.length + messages > 0) {
      if (isNew) await unmarkErased(pool, appid, [openid]);
      throw campaigns.length > 0
        ? failure('CONTACT_BUSY/campaigns', { campaigns: campaigns.map(String) })
        : failure('CONTACT_BUSY/messages', { n: messages });
    }
    const erased = await inTransaction(pool, async (client) => {
      const unionid = await unionidOf(client, appid, openid);
      const texts = unionid === null ? [openid] : [openid, unionid];
      const pages = await eraseFromPages(client, await linesOf(client, appid, openid), texts);
      const tables = await erasePerson(client, appid, openid, unionid);
      return { texts, tables: { ...tables, ...(pages === 0 ? {} : { source_pages: pages }) } };
    });
    const uploads = await removeUploadsWith(app, appid, erased.texts, signal);
    const tables = { ...erased.tables, ...(uploads === 0 ? {} : { uploads }) };
    const rows = Object.values(tables).reduce((sum, n) => sum + n, 0);
    trail.after = { tables };
    return { rows, tables };
  },
);
