import { failure } from '../../base/errors.ts';
import { previewTemplate as preview, type TemplatePreview } from '../../engine/content/preview.ts';
import { syncTemplates as sync, type TemplateSyncResult } from '../../engine/content/templates.ts';
import { getAccount } from '../../store/accounts/accounts.ts';
import { findTemplate, listTemplates as list, type Template } from '../../store/accounts/templates.ts';
import type { AccountKind, Channel } from '../../wechat/channels.ts';
import { explainTemplateId } from '../../wechat/fields/template-content.ts';
import { action } from '../action.ts';

/** What operators call the kinds of templates: 类目模板, 行业模板, 一次性订阅, 长期订阅. */
export type TemplateType = 'category' | 'industry' | 'one-time' | 'long-term';

export interface TemplateView extends Template {
  of: TemplateType;
  /** By which a message of it is sent. */
  channel: Channel;
}

/** Fetches the templates from WeChat; a few calls a day are allowed. Throws `ACCOUNT_NOT_FOUND`, and what WeChat said. */
export const syncTemplates = action<{ appid: string }, TemplateSyncResult>(
  { name: 'templates.sync', permission: 'account.manage', audit: 'change', appid: ({ appid }) => appid },
  async (app, { appid }, { trail }) => {
    const result = await sync(app, appid);
    trail.after = { stored: result.stored, gone: result.gone };
    return result;
  },
);

/** All that are stored: WeChat allows 25 or 50 of each list, so there are no pages. Throws `ACCOUNT_NOT_FOUND`. */
export const listTemplates = action<{ appid: string }, { data: TemplateView[] }>(
  { name: 'templates.list', permission: 'template.read', audit: 'none', appid: ({ appid }) => appid },
  async ({ store: { pool } }, { appid }) => {
    const { kind } = await getAccount(pool, appid);
    return { data: (await list(pool, appid)).map((one) => view(one, kind)) };
  },
);

/** Throws `ACCOUNT_NOT_FOUND`, and `TEMPLATE_NOT_FOUND` with what the id looks like. */
export const showTemplate = action<{ appid: string; templateId: string }, TemplateView>(
  { name: 'templates.show', permission: 'template.read', audit: 'none', appid: ({ appid }) => appid },
  async ({ store: { pool } }, { appid, templateId }) => {
    const { kind } = await getAccount(pool, appid);
    return view(await required(pool, appid, templateId), kind);
  },
);

function view(template: Template, account: AccountKind): TemplateView {
  if (template.family === 'template')
    return { ...template, of: template.kind === 'typed' ? 'category' : 'industry', channel: 'oa-template' };
  return {
    ...template,
    of: template.type === 3 ? 'long-term' : 'one-time',
    channel: account === 'miniprogram' ? 'mp-subscribe' : 'oa-subscribe',
  };
}

export interface PreviewInput {
  appid: string;
  templateId: string;
  /** WeChat's body or a part of it: `data`, `url`, `miniprogram`, `page`. */
  body: Readonly<Record<string, unknown>>;
  /** For `{{name}}` in its texts. */
  variables: Readonly<Record<string, string>>;
}

/** A message as whoever gets it reads it, each field checked; nothing is stored or sent. Throws `TEMPLATE_NOT_FOUND`. */
export const previewTemplate = action<PreviewInput, TemplatePreview>(
  { name: 'templates.preview', permission: 'template.read', audit: 'none', appid: ({ appid }) => appid },
  async ({ store: { pool } }, { appid, templateId, body, variables }) => {
    await getAccount(pool, appid);
    return preview(await required(pool, appid, templateId), body, variables);
  },
);

async function required(
  pool: Parameters<typeof findTemplate>[0],
  appid: string,
  templateId: string,
): Promise<Template> {
  const template = await findTemplate(pool, appid, templateId);
  if (template !== null) return template;
  const problem = explainTemplateId(templateId);
  if (problem !== null) throw failure('TEMPLATE_NOT_FOUND/not-an-id', { problem: problem.message });
  throw failure('TEMPLATE_NOT_FOUND/not-stored', { appid, templateId });
}
