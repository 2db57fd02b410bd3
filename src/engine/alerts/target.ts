import { isIP } from 'node:net';
import { z } from 'zod';
import type { AddressGuard } from '../../base/address-guard.ts';
import { failure } from '../../base/errors.ts';
import { checkWebhookUrl } from '../webhooks/guard.ts';
import { parseSecret } from '../webhooks/sign.ts';

const url = z.string().min(1).max(2048);
const robot = { url, secret: z.string().nullable(), keyword: z.string().nullable() };

/** Where a channel leads and with which secrets, as it is stored sealed. */
const targetShape = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('wecom'), url }),
  z.object({ kind: z.literal('dingtalk'), ...robot }),
  z.object({ kind: z.literal('feishu'), ...robot }),
  z.object({
    kind: z.literal('email'),
    host: z.string(),
    port: z.number().int(),
    /** TLS from the first byte, as on port 465; else STARTTLS, which is required. */
    secure: z.boolean(),
    user: z.string().nullable(),
    password: z.string().nullable(),
    from: z.string(),
    to: z.array(z.string()).min(1),
  }),
  z.object({ kind: z.literal('webhook'), url, secret: z.string() }),
]);

export type AlertTarget = z.infer<typeof targetShape>;

export function parseTarget(stored: unknown): AlertTarget {
  return targetShape.parse(stored);
}

/** What the address of a robot has in it: one that was copied from elsewhere is noticed before anything is to be told. */
const robotForms = {
  wecom: { host: 'qyapi.weixin.qq.com', holds: (given: URL) => (given.searchParams.get('key') ?? '') !== '' },
  dingtalk: {
    host: 'oapi.dingtalk.com',
    holds: (given: URL) => (given.searchParams.get('access_token') ?? '') !== '',
  },
  feishu: { host: 'open.feishu.cn', holds: (given: URL) => /\/bot\/v2\/hook\/[\w-]+$/.test(given.pathname) },
} as const;

/**
 * Checks where a channel is to lead, and gives the host that is shown of it.
 *
 * Throws `ALERT_TARGET_INVALID`, `WEBHOOK_URL_INVALID`, `WEBHOOK_SECRET_INVALID`, `WEBHOOK_ADDRESS_REFUSED`.
 */
export function checkTarget(target: AlertTarget, guard: AddressGuard): string {
  switch (target.kind) {
    case 'webhook':
      if (parseSecret(target.secret) === null) throw failure('WEBHOOK_SECRET_INVALID', {});
      return checkWebhookUrl(target.url, guard).host;
    case 'email': {
      const { host, port, from, to, user, password } = target;
      if (!/^[\w.:-]{1,255}$/.test(host) || port < 1 || port > 65_535)
        throw failure('ALERT_TARGET_INVALID/server', {});
      for (const address of [from, ...to])
        if (!isAddress(address)) throw failure('ALERT_TARGET_INVALID/address', {});
      if ((user === null) !== (password === null)) throw failure('ALERT_TARGET_INVALID/sign-in', {});
      if (isIP(host) !== 0 && !guard.allows(host)) throw failure('WEBHOOK_ADDRESS_REFUSED', { host });
      return `${host}:${port}`;
    }
    default: {
      const { host, holds } = robotForms[target.kind];
      const given = checkWebhookUrl(target.url, guard);
      // Whoever reads the key on the way can write into the group.
      if ((given.protocol !== 'https:' && !isLoopback(given.hostname)) || !holds(given))
        throw failure(`ALERT_TARGET_INVALID/${target.kind}`, { host });
      return given.host;
    }
  }
}

/** One address, without a name around it, and nothing that could become another header. */
function isAddress(text: string): boolean {
  return /^[^\s<>@,;"]+@[^\s<>@,;"]+$/.test(text) && text.length <= 254;
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || host === '::1' || /^127(?:\.\d+){3}$/.test(host);
}
