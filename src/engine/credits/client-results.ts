import { HongyanError } from '../../base/errors.ts';

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
  if (choices.length === 0)
    throw invalid(
      'it names no template; send `results` (the `res` of wx.requestSubscribeMessage) or `subscribeDetails`',
    );
  if (choices.length > mostTemplates)
    throw invalid(`it names ${choices.length} templates; WeChat asks for at most 5 at once`);
  const seen = new Set<string>();
  for (const { templateId } of choices) {
    if (seen.has(templateId)) throw invalid(`it names the template ${templateId} twice`);
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
    if (!templateIdShape.test(templateId)) throw invalid(`"${shown(templateId)}" is not a template_id`);
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
  throw invalid(`the value of ${templateId} is neither a word such as accept nor an object with a status`);
}

function parsed(value: unknown, name: string): Record<string, unknown> {
  if (value === undefined) return {};
  let read = value;
  if (typeof value === 'string') {
    try {
      read = JSON.parse(value);
    } catch (error) {
      throw invalid(`${name} is not JSON`, error);
    }
  }
  if (typeof read === 'object' && read !== null && !Array.isArray(read)) return { ...read };
  throw invalid(`${name} must be an object`);
}

function shown(value: string): string {
  return value.length > 24 ? `${value.slice(0, 24)}…` : value;
}

function invalid(why: string, cause?: unknown): HongyanError {
  return new HongyanError('CREDIT_REPORT_INVALID', `the report of credits cannot be used: ${why}`, { cause });
}
