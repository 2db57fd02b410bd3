import { failure } from '../../base/errors.ts';
import { type Account, getAccount } from '../../store/accounts/accounts.ts';
import {
  findTemplate,
  listTemplates,
  storeTemplates,
  type Template,
} from '../../store/accounts/templates.ts';
import type { Store } from '../../store/store.ts';
import { none } from '../../texts/account-words.ts';
import { channelName } from '../../texts/channels.ts';
import { oaTemplateCalls, subscribeTemplateCalls } from '../../wechat/calls/templates.ts';
import type { Channel } from '../../wechat/channels.ts';
import { explainTemplateId, parseTemplateContent } from '../../wechat/fields/template-content.ts';
import type { AccountClients } from '../sending/account-clients.ts';

type NewTemplate = Omit<Template, 'syncedAt' | 'goneAt'>;

/** Which template lists an account has. */
function familiesOf(account: Account): Template['family'][] {
  switch (account.kind) {
    case 'miniprogram':
      return ['newtmpl'];
    case 'sandbox':
      return ['template'];
    case 'official':
      return ['newtmpl'];
    case 'service':
      return ['template', 'newtmpl'];
  }
}

export interface TemplateSyncResult {
  stored: number;
  gone: number;
  /** Lists that WeChat refused, e.g. because the feature was not added to the account. */
  refused: { family: Template['family']; errcode: number; errmsg: string }[];
}

/** Fetches the account's templates; one call per list, because WeChat allows only a few of them a day. */
export async function syncTemplates(
  deps: { store: Store; clients: AccountClients },
  appid: string,
): Promise<TemplateSyncResult> {
  const account = await getAccount(deps.store.pool, appid);
  const client = await deps.clients.get(appid);
  const families: Template['family'][] = [];
  const templates: NewTemplate[] = [];
  const refused: TemplateSyncResult['refused'] = [];
  for (const family of familiesOf(account)) {
    try {
      templates.push(...(family === 'template' ? await templateList(client) : await newtmplList(client)));
      families.push(family);
    } catch (error) {
      // An account without one of the two features still has the other.
      if (!isNotGranted(error)) throw error;
      refused.push({ family, errcode: error.errcode, errmsg: error.errmsg });
    }
  }
  return { ...(await storeTemplates(deps.store.pool, appid, families, templates)), refused };
}

type Client = Awaited<ReturnType<AccountClients['get']>>;

async function templateList(client: Client): Promise<NewTemplate[]> {
  const list = await oaTemplateCalls(client.call).list();
  return list.map((template) => {
    const content = parseTemplateContent(template.content);
    return {
      templateId: template.template_id,
      family: 'template',
      title: template.title,
      content: template.content,
      example: template.example,
      kind: content.family,
      type: null,
      fields: content.fields.map((field) => ({
        ...field,
        class: content.family === 'typed' ? field.class : null,
      })),
    };
  });
}

async function newtmplList(client: Client): Promise<NewTemplate[]> {
  const list = await subscribeTemplateCalls(client.call).list();
  return list.map((template) => {
    const enums = new Map(
      template.keywordEnumValueList.map((one) => [one.keywordCode.replace(/\.DATA$/, ''), one.enumValueList]),
    );
    return {
      templateId: template.priTmplId,
      family: 'newtmpl',
      title: template.title,
      content: template.content,
      example: template.example,
      kind: 'typed',
      type: template.type,
      fields: parseTemplateContent(template.content).fields.map((field) => {
        const enumValues = enums.get(field.key);
        return enumValues === undefined ? field : { ...field, enumValues };
      }),
    };
  });
}

function isNotGranted(error: unknown): error is { errcode: number; errmsg: string } {
  // 48001 api unauthorized, 200100 account type not allowed.
  return (
    typeof error === 'object' &&
    error !== null &&
    'errcode' in error &&
    (error.errcode === 48001 || error.errcode === 200100)
  );
}

const familyOfChannel: Partial<Record<Channel, Template['family']>> = {
  'oa-template': 'template',
  'oa-subscribe': 'newtmpl',
  'mp-subscribe': 'newtmpl',
};

/** The template of a message, by which it is checked. */
export interface MessageTemplate {
  /** Null: the message is sent without these checks. */
  template: Template | null;
  /** Why, when WeChat refused the list that would have it. */
  refused: { errcode: number; errmsg: string } | null;
}

/**
 * The template of a message, synced when we do not know it yet. None for channels whose templates cannot be listed,
 * and none when WeChat refuses the list: sending is another right, which an account may have without this one.
 *
 * Throws `TEMPLATE_NOT_FOUND`, with what the id looks like when it is of another kind (TM…, OPENTM…, a tid).
 */
export async function templateForMessage(
  deps: { store: Store; clients: AccountClients },
  account: Account,
  channel: Channel,
  templateId: string,
): Promise<MessageTemplate> {
  const family = familyOfChannel[channel];
  if (family === undefined) return { template: null, refused: null };
  const known = await findTemplate(deps.store.pool, account.appid, templateId);
  if (known !== null && known.goneAt === null && known.family === family)
    return { template: known, refused: null };
  const problem = explainTemplateId(templateId);
  if (problem !== null) {
    throw failure(
      'TEMPLATE_NOT_FOUND/not-an-id',
      { problem: problem.message },
      { details: { templateId, kind: problem.kind } },
    );
  }
  const { refused } = await syncTemplates(deps, account.appid);
  const refusal = refused.find((one) => one.family === family);
  if (refusal !== undefined) return { template: null, refused: refusal };
  const synced = await findTemplate(deps.store.pool, account.appid, templateId);
  if (synced !== null && synced.goneAt === null && synced.family === family)
    return { template: synced, refused: null };
  const others = (await listTemplates(deps.store.pool, account.appid)).filter(
    (one) => one.goneAt === null && one.family === family,
  );
  const list = others.map((one) => `${one.title} ${one.templateId}`);
  throw failure(
    synced !== null && synced.goneAt === null
      ? 'TEMPLATE_NOT_FOUND/other-channel'
      : 'TEMPLATE_NOT_FOUND/unknown',
    {
      appid: account.appid,
      templateId,
      channel: channelName(channel),
      others: list.length === 0 ? none : list,
    },
    { details: { templateId } },
  );
}
