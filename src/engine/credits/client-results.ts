import { failure } from '../../base/errors.ts';

/** What a person chose for one template. */
export interface ClientChoice {
  templateId: string;
  /** WeChat's word: `accept`, `acceptWithAudio`, `reject`, `ban`, `filter`, `cancel` … */
  choice: string;
}

const templateIdShape = /^[\w-]{16,64}$/;
/** WeChat asks for at most 5 at once. */
const mostTemplates = 20;

/**
 * Reads what the client was given, as it was given.
 *
 * @param results `res` of `wx.requestSubscribeMessage`: `{ errMsg, TEMPLATE_ID: 'accept' | 'reject' | … }`
 * @param subscribeDetails `e.detail.subscribeDetails` of `<wx-open-subscribe>`: JSON whose values are JSON again,
 *   `{"TEMPLATE_ID":"{\"status\":\"accept\"}"}`
 * Throws `CREDIT_REPORT_INVALID`.
 * @see https://developers.weixin.qq.com/miniprogram/dev/api/open-api/subscribe-message/wx.requestSubscribeMessage.html
 * @see https://developers.weixin.qq.com/doc/offiaccount/OA_Web_Apps/Wechat_Open_Tag.html
 */
export function clientChoices(
  results: Record<string, unknown> | undefined,
  subscribeDetails: unknown,
): ClientChoice[] {
  const choices = [...choicesOf(results ?? {}), ...choicesOf(parsed(subscribeDetails, 'subscribeDetails'))];
  if (choices.length === 0) throw failure('CREDIT_REPORT_INVALID/no-template', {});
  if (choices.length > mostTemplates)
    throw failure('CREDIT_REPORT_INVALID/templates-too-many', { n: choices.length });
  const seen = new Set<string>();
  for (const { templateId } of choices) {
    if (seen.has(templateId)) throw failure('CREDIT_REPORT_INVALID/template-twice', { template: templateId });
    seen.add(templateId);
  }
  return choices;
}

/** Every `accept…` is a credit: newer clients have more words for it than one. */
export function isAccept(choice: string): boolean {
  return choice.startsWith('accept');
}

function choicesOf(map: object): ClientChoice[] {
  return Object.entries(map).flatMap(([templateId, value]) => {
    if (templateId === 'errMsg' || templateId === 'errCode') return [];
    if (!templateIdShape.test(templateId))
      throw failure('CREDIT_REPORT_INVALID/template-malformed', { value: shown(templateId) });
    return [{ templateId, choice: choiceOf(templateId, value) }];
  });
}

function choiceOf(templateId: string, value: unknown): string {
  const isWord = typeof value === 'string' && !value.startsWith('{');
  const isObject = typeof value === 'object' && value !== null;
  const status = isWord
    ? value
    : typeof value === 'string' || isObject
      ? parsed(value, templateId).status
      : null;
  if (typeof status === 'string' && /^\w{1,32}$/.test(status)) return status;
  throw failure('CREDIT_REPORT_INVALID/choice', { template: templateId });
}

function parsed(value: unknown, name: string): Record<string, unknown> {
  if (value === undefined) return {};
  let read = value;
  if (typeof value === 'string') {
    try {
      read = JSON.parse(value);
    } catch (error) {
      throw failure('CREDIT_REPORT_INVALID/not-json', { name }, { cause: error });
    }
  }
  if (typeof read === 'object' && read !== null && !Array.isArray(read)) return { ...read };
  throw failure('CREDIT_REPORT_INVALID/not-object', { name });
}

function shown(value: string): string {
  return value.length > 24 ? `${value.slice(0, 24)}…` : value;
}
