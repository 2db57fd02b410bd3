import { createTransport } from 'nodemailer';
import type { AddressGuard } from '../../base/address-guard.ts';
import { errorCode } from '../../base/errors.ts';
import { failPost } from '../../base/post-span.ts';
import { noParent, withSpan } from '../../base/tracing.ts';
import { within } from '../../base/within.ts';
import { spanNames } from '../../texts/parts.ts';
import { type AlertMessage, plainText } from './message.ts';
import type { Sent } from './robots.ts';
import { type AlertTarget, isLoopback } from './target.ts';

export type MailTarget = Extract<AlertTarget, { kind: 'email' }>;

const connectMs = 5_000;
const answerMs = 10_000;
/** All of it: a claim lasts longer, so that no other node sends the same meanwhile. */
const wholeMs = 45_000;

/**
 * Sends one e-mail. Never rejects. TLS is required except to this machine itself: password and content would be read on the way.
 */
export async function sendMail(
  guard: AddressGuard,
  target: MailTarget,
  message: AlertMessage,
  isHere: (address: string) => boolean = isLoopback,
): Promise<Sent> {
  const attributes = {
    ...{ 'hongyan.alert.kind': target.kind, 'network.protocol.name': 'smtp' },
    ...{ 'server.address': target.host, 'server.port': target.port },
  };
  return await withSpan(
    spanNames.sendMail,
    { kind: 'client', parent: noParent, attributes },
    async (span) => {
      const sent = await send(guard, target, message, isHere);
      if (sent.kind !== 'taken') failPost(span, sent.error);
      return sent;
    },
  );
}

async function send(
  guard: AddressGuard,
  target: MailTarget,
  message: AlertMessage,
  isHere: (address: string) => boolean,
): Promise<Sent> {
  const { host, port, secure, user, password, from, to } = target;
  try {
    // To the address that was looked at: the name may lead elsewhere the second time.
    const address = await addressOf(guard, host);
    const transport = createTransport({
      host: address,
      port,
      secure,
      ...(isHere(address) ? { ignoreTLS: true } : { requireTLS: true }),
      tls: { servername: host, minVersion: 'TLSv1.2' },
      ...(user === null || password === null ? {} : { auth: { user, pass: password } }),
      ...{ connectionTimeout: connectMs, greetingTimeout: connectMs, socketTimeout: answerMs },
      ...{ disableFileAccess: true, disableUrlAccess: true },
    });
    try {
      const sending = transport.sendMail({
        ...{ from, to, subject: message.title, text: plainText(message) },
        // Nobody's holiday note is to answer it.
        headers: { 'Auto-Submitted': 'auto-generated' },
      });
      if (!(await within(wholeMs, sending))) return { kind: 'failed', error: 'timeout' };
    } finally {
      transport.close();
    }
    return { kind: 'taken' };
  } catch (error) {
    return { kind: 'failed', error: reasonOf(error) };
  }
}

function addressOf(guard: AddressGuard, host: string): Promise<string> {
  return new Promise((resolve, reject) => {
    guard.lookup(host, { order: 'ipv4first' }, (error, address) =>
      error === null ? resolve(address) : reject(error),
    );
  });
}

/** The code, and what the server said of it; never what was sent to it. */
function reasonOf(error: unknown): string {
  const code = errorCode(error) ?? 'no-connection';
  const said =
    typeof error === 'object' && error !== null && 'response' in error && typeof error.response === 'string'
      ? error.response
      : '';
  return `${code} ${said.replace(/[\p{Cc}\s]+/gu, ' ').slice(0, 200)}`.trim();
}
