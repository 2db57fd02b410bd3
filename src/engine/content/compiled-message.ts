import { failure } from '../../base/errors.ts';
import { setOwn } from '../../base/set-own.ts';
import type { Campaign } from '../../store/campaigns/campaigns.ts';
import { type Channel, channels } from '../../wechat/channels.ts';
import { truncateField } from '../../wechat/fields/fields.ts';
import { compileJson, compileText } from './variables.ts';

/** A campaign's message, compiled once and rendered for each recipient. */
export interface CompiledMessage {
  path: string;
  keyed: boolean;
  /** The data has no variables: a refused field is refused for everybody. */
  common: boolean;
  /** Names of the `{{variables}}` in order of first use; recipients' `vars` are in this order. */
  variables: readonly string[];
  /** Those that need a value, because the message has no fallback for them. */
  required: readonly string[];
  /** The wire body. `vars` is the recipient's JSON array, null when the message has no variables. */
  render(openid: string, vars: string | null, clientMsgId: string | null): string;
  /** The values of `data`, rendered, in the order of the body; for checks and previews. */
  dataOf(vars: string | null): [key: string, value: string][];
}

export type MessageBody = Record<string, unknown>;

/** @param truncate shortens over-long `thing` fields as WeChat would show them; other fields are never touched. */
export function compileMessage(channel: Channel, body: MessageBody, truncate = false): CompiledMessage {
  const { path, keyed } = channels[channel];
  const compiled = compileJson(body);
  const variables = compiled.names;
  const data = dataTexts(body).map(([key, text]) => [key, compileText(text)] as const);
  // The body starts with touser, so everything after the first brace can be one rendered piece.
  const plain = variables.length === 0 && !truncate ? compiled.render({}).slice(1) : null;
  const { data: _data, ...envelope } = body;
  const compiledEnvelope = truncate ? compileJson(envelope) : null;
  function renderRest(vars: string | null): string {
    const values = valuesOf(variables, vars);
    if (compiledEnvelope === null) return compiled.render(values).slice(1);
    const fields = data.map(([key, text]) => [
      key,
      withValue(body, key, truncateField(key, text.render(values)) ?? text.render(values)),
    ]);
    const head = compiledEnvelope.render(values).slice(1, -1);
    return `${head === '' ? '' : `${head},`}"data":${JSON.stringify(Object.fromEntries(fields))}}`;
  }

  return {
    path,
    keyed,
    common: data.every(([, text]) => text.names.length === 0),
    variables,
    required: compiled.required,
    render(openid, vars, clientMsgId) {
      const rest = plain ?? renderRest(vars);
      const id = clientMsgId === null ? '' : `"client_msg_id":"${clientMsgId}",`;
      return `{"touser":${JSON.stringify(openid)},${id}${rest}`;
    },
    dataOf(vars) {
      const values = valuesOf(variables, vars);
      return data.map(([key, text]) => [key, text.render(values)]);
    },
  };
}

/** Throws `MESSAGE_INVALID` when the stored body no longer compiles. */
export function compileCampaignMessage(
  campaign: Pick<Campaign, 'channel' | 'message' | 'variables' | 'onInvalid'>,
): CompiledMessage {
  const message = compileMessage(campaign.channel, campaign.message, campaign.onInvalid === 'truncate');
  if (message.variables.join('\n') !== campaign.variables.join('\n')) {
    throw failure('MESSAGE_INVALID/variables-changed', {});
  }
  return message;
}

/** The field as the body has it (a color, say), with its rendered value. */
function withValue(body: MessageBody, key: string, value: string): unknown {
  const field: unknown = (body.data as Record<string, unknown>)[key]; // dataTexts gave this key
  return typeof field === 'object' && field !== null ? { ...field, value } : value;
}

/** `data.<key>.value` of the body; empty for messages without `data` (kf). */
export function dataTexts(body: MessageBody): [key: string, text: string][] {
  const { data } = body;
  if (typeof data !== 'object' || data === null) return [];
  return Object.entries(data).map(([key, field]: [string, unknown]) => {
    const value = typeof field === 'object' && field !== null && 'value' in field ? field.value : field;
    return [key, typeof value === 'string' ? value : String(value ?? '')];
  });
}

function valuesOf(variables: readonly string[], vars: string | null): Record<string, string> {
  const values: Record<string, string> = {};
  if (vars === null) return values;
  const list: unknown = JSON.parse(vars);
  if (!Array.isArray(list)) return values;
  variables.forEach((name, i) => {
    setOwn(values, name, String(list[i] ?? ''));
  });
  return values;
}
