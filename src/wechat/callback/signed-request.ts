import { randomInt } from 'node:crypto';
import type { CallbackFormat } from './body.ts';
import { signCallback } from './crypto.ts';
import type { CallbackKeys } from './keys.ts';
import { sealMessage } from './reply.ts';

/** Query of a verification as WeChat makes it; for checking a URL. */
export function signedVerification(token: string, echo: string): string {
  return new URLSearchParams({ ...signedNow(token), echostr: echo }).toString();
}

/** Query and body of a push as WeChat makes it: encrypted unless `mode` is plain. For checking a URL. */
export function signedPush(
  keys: CallbackKeys,
  { mode, format }: { mode: 'plain' | 'compatible' | 'secure'; format: CallbackFormat },
  fields: Record<string, string>,
): { query: string; body: string } {
  const content = write(fields, format);
  const signed = signedNow(keys.token);
  if (mode === 'plain') return { query: new URLSearchParams(signed).toString(), body: content };
  const { timestamp, nonce } = signed;
  const sealed = sealMessage(content, keys, { timestamp: Number(timestamp), nonce });
  const query = new URLSearchParams({
    ...signed,
    encrypt_type: 'aes',
    msg_signature: sealed.MsgSignature,
  });
  return { query: query.toString(), body: write({ Encrypt: sealed.Encrypt }, format) };
}

function write(fields: Record<string, string>, format: CallbackFormat): string {
  if (format === 'json') return JSON.stringify(fields);
  const elements = Object.entries(fields).map(([name, value]) => `<${name}><![CDATA[${value}]]></${name}>`);
  return `<xml>${elements.join('')}</xml>`;
}

function signedNow(token: string): { signature: string; timestamp: string; nonce: string } {
  const timestamp = String(Math.floor(Date.now() / 1000));
  const nonce = String(randomInt(100_000_000, 1_000_000_000));
  return { signature: signCallback(token, timestamp, nonce), timestamp, nonce };
}
