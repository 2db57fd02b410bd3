import { randomBytes } from 'node:crypto';
import type { Command } from 'commander';
import { request } from 'undici';
import { errorCode, HongyanError } from '../../base/errors.ts';
import { checkEventName } from '../../server/callback/endpoint.ts';
import { signedPush, signedVerification } from '../../server/callback/wire.ts';
import { getAccount } from '../../store/accounts/accounts.ts';
import { type CallbackSettings, findCallback } from '../../store/events/callbacks.ts';
import { text } from '../../texts/ui.ts';
import { networkCalls } from '../../wechat/calls/network.ts';
import type { WechatClient } from '../../wechat/client.ts';
import { WechatError } from '../../wechat/error.ts';
import type { CliContext } from '../context.ts';
import { withSession } from '../open.ts';

/** Of WeChat's callback/check: no URL is set. */
const noUrlSet = 40201;

interface Finding {
  ok: boolean;
  what: string;
}

/** `callback check`: a round trip as WeChat makes it, and WeChat's own look at the URL. */
export function addCallbackCheck(command: Command, context: CliContext): void {
  command
    .command('check')
    .description(
      'verify the URL and push a test event as WeChat would, then let WeChat look at the URL itself',
    )
    .argument('<appid>')
    .option('--url <url>', 'address to check instead of the one of "callback config --url"')
    .option('--local', 'without asking WeChat')
    .addHelpText(
      'after',
      '\nExample:\n  $ hongyan callback check wx0123456789abcdef --url http://127.0.0.1:8790',
    )
    .action((appid: string, options: { url?: string; local?: boolean }) =>
      withSession(context, async ({ store, clients }) => {
        await getAccount(store.pool, appid);
        const settings = await findCallback(store.pool, store.sealer, appid);
        if (settings === null)
          throw new HongyanError('CALLBACK_NOT_SET', text('en', 'callback.none', { appid }));
        const base = (options.url ?? settings.publicUrl ?? `http://${context.config.listen}`).replace(
          /\/+$/,
          '',
        );
        const url = `${base}/callback/${appid}`;
        context.out(url);
        const findings = [
          await verification(context, settings, url),
          await push(context, settings, url),
          await forgery(context, settings, url),
          ...(options.local === true ? [] : [await wechatCheck(context, await clients.get(appid))]),
        ];
        for (const { ok, what } of findings) context.out(`${ok ? 'ok  ' : 'BAD '} ${what}`);
        if (findings.some(({ ok }) => !ok)) context.setExit(1);
      }),
    );
}

async function verification(context: CliContext, settings: CallbackSettings, url: string): Promise<Finding> {
  const echo = randomBytes(9).toString('hex');
  const query = signedVerification(settings, echo);
  return ask(context, 'callback.urlOk', `${url}?${query}`, null, ({ body }) => body === echo);
}

async function push(context: CliContext, settings: CallbackSettings, url: string): Promise<Finding> {
  const { query, body } = testEvent(settings);
  return ask(context, 'callback.pushOk', `${url}?${query}`, body, (answer) => answer.body === 'success');
}

async function forgery(context: CliContext, settings: CallbackSettings, url: string): Promise<Finding> {
  const { query, body } = testEvent({ ...settings, token: 'forged' });
  return ask(
    context,
    'callback.forgedOk',
    `${url}?${query}`,
    body,
    ({ status }) => status >= 400 && status < 500,
  );
}

function testEvent(settings: CallbackSettings): { query: string; body: string } {
  return signedPush(settings, {
    ToUserName: 'gh_hongyancheck',
    FromUserName: 'hongyan',
    CreateTime: String(Math.floor(Date.now() / 1000)),
    MsgType: 'event',
    Event: checkEventName,
    Nonce: randomBytes(8).toString('hex'),
  });
}

async function ask(
  context: CliContext,
  what: 'callback.urlOk' | 'callback.pushOk' | 'callback.forgedOk',
  url: string,
  body: string | null,
  isRight: (answer: { status: number; body: string }) => boolean,
): Promise<Finding> {
  const name = text(context.lang, what);
  try {
    const answer = await request(url, {
      method: body === null ? 'GET' : 'POST',
      body,
      signal: AbortSignal.timeout(5_000),
    });
    const got = { status: answer.statusCode, body: await answer.body.text() };
    if (isRight(got)) return { ok: true, what: name };
    const shown = { status: got.status, body: got.body.slice(0, 80) };
    return { ok: false, what: `${name}: ${text(context.lang, 'callback.answered', shown)}` };
  } catch (error) {
    const code = errorCode(error) ?? 'TIMEOUT';
    return { ok: false, what: `${name}: ${text(context.lang, 'callback.unreached', { code })}` };
  }
}

async function wechatCheck(context: CliContext, client: WechatClient): Promise<Finding> {
  try {
    const { dns = [], ping = [] } = await networkCalls(client.call).checkCallback();
    // Nothing that was pinged is nothing that was reached.
    const lost = ping.length === 0 || ping.some((one) => one.package_loss !== '0%');
    const detail = [
      ...dns.map((one) => `${one.ip} ${one.real_operator}`),
      ...ping.map((one) => `${one.ip} ${one.time} (${one.package_loss})`),
    ].join(', ');
    return { ok: !lost, what: text(context.lang, 'callback.wechatOk', { detail }) };
  } catch (error) {
    if (!(error instanceof WechatError)) throw error;
    if (error.errcode === noUrlSet) return { ok: false, what: text(context.lang, 'callback.wechatNotSet') };
    return { ok: false, what: `${error.errcode} ${error.errmsg}` };
  }
}
