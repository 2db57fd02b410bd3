import { randomBytes } from 'node:crypto';
import { failure } from '../../base/errors.ts';
import {
  type CampaignRequest,
  type MessageWarning,
  prepareMessage,
} from '../../engine/campaigns/campaigns.ts';
import { requireFormId } from '../../engine/content/build-message.ts';
import { getAccountRules } from '../../store/accounts/rules.ts';
import { action } from '../action.ts';
import type { OpenAudience } from '../audience/open.ts';

/** What WeChat said of a test message. */
export interface TestAnswer {
  warnings: MessageWarning[];
  /** The API that was called. */
  path: string;
  answer:
    | { kind: 'accepted'; msgid: string | null }
    | { kind: 'refused'; errcode: number; errmsg: string; rid: string | null }
    | { kind: 'failed'; reason: string; message: string };
}

/**
 * Sends one message with the values of the first good row to one openid; nothing of it is stored.
 *
 * Throws like `createCampaign`, `TEST_OPENID_NOT_LISTED`, and what keeps the account from having a token.
 */
export const sendTest = action<
  Pick<CampaignRequest, 'appid' | 'channel' | 'message' | 'onInvalid'> & {
    touser: string;
    /** Only to the account's `testOpenids`: for callers that nobody looks over the shoulder of. */
    listedOnly?: boolean;
    audience: OpenAudience;
  },
  TestAnswer
>(
  {
    name: 'campaigns.test',
    permission: 'campaign.test',
    audit: 'change',
    appid: ({ appid }) => appid,
    kept: ({ channel }) => ({ channel }),
  },
  async (app, { touser, listedOnly = false, audience, ...request }, { actor, trail }) => {
    if (listedOnly && !(await getAccountRules(app.store.pool, request.appid)).testOpenids.includes(touser))
      throw failure('TEST_OPENID_NOT_LISTED', { appid: request.appid });
    const prepared = await prepareMessage(app, {
      ...request,
      columns: audience.columns,
      lang: actor.lang,
    });
    const { account, channel, body, message, warnings } = prepared;
    requireFormId(channel, body);
    audience.select(message.variables);
    const vars = message.variables.length === 0 ? null : await firstVars(audience, message.variables, touser);
    const client = await app.clients.get(account.appid);
    const key = message.keyed ? randomBytes(12).toString('hex') : null;
    const answer = await client.send(message.path, message.render(touser, vars, key));
    trail.after = { kind: answer.kind };
    const about = { warnings, path: message.path };
    switch (answer.kind) {
      case 'accepted':
        return { ...about, answer: { kind: 'accepted', msgid: answer.msgid } };
      case 'refused': {
        const { errcode, errmsg, rid } = answer;
        return { ...about, answer: { kind: 'refused', errcode, errmsg, rid } };
      }
      default:
        if (answer.reason === 'token') throw answer.error;
        return {
          ...about,
          answer: { kind: 'failed', reason: answer.reason, message: answer.error.message },
        };
    }
  },
);

/** The values of the first good row, for the openid that is tested. */
async function firstVars(
  { batches }: OpenAudience,
  variables: readonly string[],
  openid: string,
): Promise<string> {
  let vars: Record<string, string> = {};
  if (batches !== null) {
    for await (const batch of batches) {
      const row = batch.find((record) => record.kind === 'row');
      if (row?.kind !== 'row') continue;
      vars = row.vars;
      break;
    }
  }
  return JSON.stringify(variables.map((name) => vars[name] ?? (name === 'openid' ? openid : '')));
}
