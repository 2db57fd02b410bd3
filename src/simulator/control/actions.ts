import { z } from 'zod';
import { simulatorRule } from '../../texts/simulator-parts.ts';
import { fieldRow } from '../resolve-options.ts';
import type { HoldOptions } from '../state/holds.ts';
import { type Action, action, people } from './action.ts';
import { eventActions } from './event-actions.ts';
import type { SimulatedAccount } from './simulated-account.ts';
import type { HoldChoice } from './simulated-holds.ts';

const openid = z.string();
const scene = z.int().min(0).max(10_000).optional();
const limit = z.int().nonnegative().nullable();

/** Every action by its name in the path. */
export const adminActions: Readonly<Record<string, Action>> = {
  ...eventActions,
  block: people((account, one) => account.block(one)),
  unblock: people((account, one) => account.unblock(one)),
  intercept: action(
    z.strictObject({ template_id: z.string(), share: z.number().min(0).max(1) }),
    (account, body) => {
      account.intercept(body.template_id, body.share);
      return {};
    },
  ),
  'holds/options': action(z.looseObject({}), (account, body) => {
    // The account checks every key.
    account.holds.configure(body as Partial<HoldOptions>);
    return account.holds.options;
  }),
  'holds/release': verdict((account, choice) => account.holds.release(choice)),
  'holds/block': verdict((account, choice) => account.holds.block(choice)),
  grow: action(z.strictObject({ by: z.int().positive() }), (account, { by }) => {
    account.grow(by);
    return { followers: account.followers };
  }),
  'credits/grant': action(
    z.strictObject({ openid, template_id: z.string(), credits: z.int().positive().optional(), scene }),
    (account, body) => {
      account.grantCredits(body.openid, body.template_id, body.credits ?? 1, body.scene);
      return { credits: account.credits(body.openid, body.template_id, body.scene) };
    },
  ),
  'credits/revoke': action(z.strictObject({ openid, template_id: z.string(), scene }), (account, body) => {
    account.revokeCredits(body.openid, body.template_id, body.scene);
    return { credits: 0 };
  }),
  'form-ids': action(
    z.strictObject({ openid, source: z.enum(['form', 'prepay']).optional() }),
    (account, body) => ({ form_id: account.issueFormId(body.openid, body.source) }),
  ),
  'js-codes': action(z.strictObject({ openid }), (account, body) => ({
    js_code: account.issueJsCode(body.openid),
  })),
  'kf-window/open': action(
    z.strictObject({ openid, trigger: z.enum(['message', 'menu', 'follow', 'scan', 'enter']).optional() }),
    (account, body) => {
      account.openKfWindow(body.openid, body.trigger);
      return undefined;
    },
  ),
  'kf-window/close': people((account, one) => account.closeKfWindow(one)),
  templates: action(
    z.strictObject({
      name: z.string().min(1),
      family: z.enum(['oa', 'subscribe', 'form', 'once']),
      title: z.string().min(1),
      type: z.literal([2, 3]).optional(),
      fields: z.array(fieldRow).nonempty(),
    }),
    (account, { name, family, title, type, fields }) => ({
      template_id: account.addTemplate(name, {
        family,
        title,
        ...(type === undefined ? {} : { type }),
        fields: fields.map(({ values, ...field }) => (values === undefined ? field : { ...field, values })),
      }),
    }),
  ),
  'templates/delete': action(z.strictObject({ template_id: z.string() }), (account, body) => {
    account.removeTemplate(body.template_id);
    return undefined;
  }),
  'templates/ban': action(z.strictObject({ template_id: z.string() }), (account, body) => {
    account.removeTemplate(body.template_id, 'ban');
    return undefined;
  }),
  quota: action(
    z.strictObject({ path: z.string().startsWith('/'), daily: limit.optional(), minute: limit.optional() }),
    (account, { path, daily, minute }) => {
      if (daily === null || minute === null) account.setQuota(path, null);
      const changed = {
        ...(typeof daily === 'number' ? { daily } : {}),
        ...(typeof minute === 'number' ? { minute } : {}),
      };
      account.setQuota(path, changed);
      return undefined;
    },
  ),
  'tokens/end': action(z.strictObject({ how: z.enum(['expired', 'superseded']) }), (account, { how }) => {
    account.endTokens(how);
    return undefined;
  }),
  secret: action(
    z.strictObject({ secret: z.string().regex(/^[0-9a-f]{32}$/, simulatorRule('secret')) }),
    (account, { secret }) => {
      account.setSecret(secret);
      return undefined;
    },
  ),
  'secret/freeze': action(z.strictObject({ frozen: z.boolean().optional() }), (account, { frozen }) => {
    account.freezeSecret(frozen ?? true);
    return undefined;
  }),
  'ip-whitelist': action(
    z.strictObject({ entries: z.array(z.string()).max(10).nullable() }),
    (account, { entries }) => {
      account.setIpWhitelist(entries ?? undefined);
      return undefined;
    },
  ),
  state: action(z.strictObject({ errcode: z.int() }), (account, { errcode }) => {
    account.setState(errcode);
    return undefined;
  }),
  'received/clear': action(z.strictObject({}), (account) => {
    account.clearReceived();
    return undefined;
  }),
  reset: action(z.strictObject({}), (account) => {
    account.reset();
    return undefined;
  }),
};

/** A verdict on held messages: of `openids`, or of all. */
function verdict(decide: (account: SimulatedAccount, choice: HoldChoice) => number): Action {
  const schema = z.strictObject({ openids: z.array(z.string()).optional(), event: z.boolean().optional() });
  return action(schema, (account, { openids, event }) => ({
    decided: decide(account, {
      ...(openids === undefined ? {} : { openids }),
      ...(event === undefined ? {} : { event }),
    }),
  }));
}
