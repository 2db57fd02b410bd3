import { createHmac, randomBytes } from 'node:crypto';
import { secretRules } from '../../base/secret-rules.ts';

/** `whsec_` and 32 random bytes as base64, as the Standard Webhooks libraries take it. */
export function makeSecret(): string {
  return `whsec_${randomBytes(32).toString('base64')}`;
}

/** The secret's bytes, 24 to 64 of them; null when the text is no such secret. */
export function parseSecret(text: string): Buffer | null {
  const secret = text.trim();
  return secretRules.webhookSecret(secret) ? Buffer.from(secret.slice('whsec_'.length), 'base64') : null;
}

/**
 * The three headers of a delivery. The signature is over id, time and body, so none can be changed or replayed later. Of
 * several secrets, while one is rotated, there is a signature each: a receiver takes the request if one of them is right.
 *
 * @param seconds Unix time of this attempt
 * @see https://www.standardwebhooks.com
 */
export function signatureHeaders(
  secrets: readonly string[],
  id: string,
  seconds: number,
  body: string,
): Record<string, string> {
  const signatures = secrets.map((secret) => {
    const key = parseSecret(secret);
    if (key === null) throw new RangeError('the webhook has no usable secret');
    return `v1,${createHmac('sha256', key).update(`${id}.${seconds}.${body}`).digest('base64')}`;
  });
  if (signatures.length === 0) throw new RangeError('the webhook has no secret');
  return {
    'webhook-id': id,
    'webhook-timestamp': String(seconds),
    'webhook-signature': signatures.join(' '),
  };
}
