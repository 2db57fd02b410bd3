import { readFile } from 'node:fs/promises';
import { text as streamText } from 'node:stream/consumers';
import { Command, Option } from 'commander';
import { errorCode, HongyanError } from '../../base/errors.ts';
import { activateAccount } from '../../store/accounts/account-states.ts';
import {
  countAccountData,
  getAccount,
  listAccounts,
  removeAccount,
  saveAccount,
} from '../../store/accounts/accounts.ts';
import type { Pool } from '../../store/database/pool.ts';
import { text } from '../../texts/ui.ts';
import { networkCalls } from '../../wechat/calls/network.ts';
import { WechatClient } from '../../wechat/client.ts';
import type { TokenSource } from '../../wechat/token/source.ts';
import type { CliContext } from '../context.ts';
import { askSecret, askYesNo } from '../input/ask.ts';
import { withSession } from '../open.ts';
import { table } from '../output/table.ts';
import { addAccountRules } from './account-rules.ts';

interface AddOptions {
  appid: string;
  kind: 'service' | 'official' | 'miniprogram' | 'sandbox';
  secretFile?: string;
  tokenUrl?: string;
  withoutToken?: boolean;
  baseUrl?: string;
  proxy?: string;
  name?: string;
  rate?: number;
  check: boolean;
}

export function accountsCommand(context: CliContext): Command {
  const command = new Command('accounts').description('the WeChat accounts that Hongyan sends for');

  command
    .command('add')
    .description('add an account, or change its settings; the AppSecret is asked for without echo')
    .requiredOption('--appid <appid>', 'AppID, wx and 16 hex digits')
    .addOption(
      new Option('--kind <kind>', 'service 服务号, official 公众号, miniprogram 小程序, sandbox 测试号')
        .choices(['service', 'official', 'miniprogram', 'sandbox'])
        .makeOptionMandatory(),
    )
    .option('--secret-file <file>', 'file with the AppSecret; - reads standard input')
    .option('--token-url <url>', 'fetch access tokens from an existing token server (中控) instead of WeChat')
    .option('--without-token', "inside WeChat's cloud, where calls carry no token")
    .option('--base-url <url>', 'another address than https://api.weixin.qq.com, such as a simulator')
    .option('--proxy <url>', 'outbound HTTP proxy of this account')
    .option('--name <name>', 'what you call it')
    .option('--rate <n>', 'ceiling in messages per second (default 100)', positiveInteger)
    .option('--no-check', 'store it without asking WeChat whether the credentials are right')
    .addHelpText(
      'after',
      '\nExample:\n  $ hongyan accounts add --appid wx0123456789abcdef --kind sandbox --secret-file secret.txt',
    )
    .action((options: AddOptions) => add(context, options));

  command
    .command('list')
    .description('the accounts')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  $ hongyan accounts list')
    .action((options: { json?: boolean }) =>
      withSession(context, async ({ store }) => {
        const accounts = await listAccounts(store.pool);
        if (options.json) return context.out(JSON.stringify(accounts));
        if (accounts.length === 0) return context.out(text(context.lang, 'account.none'));
        for (const line of table(
          ['appid', 'kind', 'name', 'token', 'rate/s', 'state', 'address'],
          accounts.map((one) => [
            one.appid,
            one.kind,
            one.name,
            one.tokenSource,
            String(one.ratePerS),
            one.state,
            one.baseUrl ?? 'api.weixin.qq.com',
          ]),
        )) {
          context.out(line);
        }
      }),
    );

  command
    .command('check')
    .description('ask WeChat whether the credentials work from this machine')
    .argument('<appid>')
    .addHelpText('after', '\nExample:\n  $ hongyan accounts check wx0123456789abcdef')
    .action((appid: string) =>
      withSession(context, async ({ store, clients }) => {
        await getAccount(store.pool, appid);
        await checkClient(context, await clients.get(appid));
        await activate(context, store.pool, appid);
      }),
    );

  command
    .command('resume')
    .description('use an account again that was paused because WeChat refused it as a whole')
    .argument('<appid>')
    .addHelpText('after', '\nExample:\n  $ hongyan accounts resume wx0123456789abcdef')
    .action((appid: string) =>
      withSession(context, async ({ store }) => {
        await getAccount(store.pool, appid);
        if (!(await activate(context, store.pool, appid)))
          context.out(text(context.lang, 'account.notPaused', { appid }));
      }),
    );

  command
    .command('remove')
    .description('remove an account with its contacts, templates and campaigns')
    .argument('<appid>')
    .option('--yes', 'do not ask')
    .addHelpText('after', '\nExample:\n  $ hongyan accounts remove wx0123456789abcdef')
    .action((appid: string, options: { yes?: boolean }) =>
      withSession(context, async ({ store }) => {
        await getAccount(store.pool, appid);
        const data = await countAccountData(store.pool, appid);
        if (data.running > 0) {
          throw new HongyanError(
            'ACCOUNT_BUSY',
            `${appid} has ${data.running} campaigns under way; pause them first: hongyan campaigns list`,
          );
        }
        if (
          options.yes !== true &&
          !(await askYesNo(context, text(context.lang, 'account.removeAsk', { appid, ...data })))
        ) {
          context.out(text(context.lang, 'ask.cancelled'));
          return;
        }
        await removeAccount(store.pool, appid);
        context.out(text(context.lang, 'account.removed', { appid }));
      }),
    );
  addAccountRules(command, context);
  return command;
}

async function add(context: CliContext, options: AddOptions): Promise<void> {
  const { appid, kind } = options;
  if (!/^wx[0-9a-zA-Z]{8,30}$/.test(appid)) {
    throw new HongyanError(
      'USAGE',
      `"${appid}" is not an AppID: it starts with wx, as shown in WeChat's console; gh_… is the original id`,
    );
  }
  for (const [name, url] of [
    ['--base-url', options.baseUrl],
    ['--token-url', options.tokenUrl],
    ['--proxy', options.proxy],
  ] as const) {
    if (url !== undefined && !(URL.canParse(url) && /^https?:$/.test(new URL(url).protocol))) {
      throw new HongyanError('USAGE', `${name} must be an http:// or https:// address`);
    }
    // It is stored and shown as it is.
    if (name === '--base-url' && url !== undefined && /[?#]|\/\/[^/]*@/.test(url))
      throw new HongyanError('USAGE', `${name} is an address without user and password, ? and #`);
  }
  const { tokenSource, secret } = await tokenSourceOf(context, options);
  if (options.check) {
    const client = new WechatClient({
      appid,
      token: toTokenSource(tokenSource, secret),
      httpsProxy: context.config.proxy,
      noProxy: context.config.noProxy,
      ...(options.baseUrl === undefined ? {} : { baseUrl: options.baseUrl }),
      ...(options.proxy === undefined ? {} : { proxy: options.proxy }),
    });
    try {
      await checkClient(context, client);
    } finally {
      await client.close();
    }
  }
  await withSession(context, async ({ store }) => {
    const what = await saveAccount(store.pool, store.sealer, {
      appid,
      kind,
      name: options.name ?? '',
      tokenSource,
      secret,
      baseUrl: options.baseUrl ?? null,
      proxy: options.proxy ?? null,
      ...(options.rate === undefined ? {} : { ratePerS: options.rate }),
    });
    context.out(text(context.lang, what === 'added' ? 'account.added' : 'account.changed', { appid, kind }));
  });
}

async function tokenSourceOf(
  context: CliContext,
  options: AddOptions,
): Promise<{ tokenSource: 'secret' | 'url' | 'none'; secret: string | null }> {
  const given = [options.secretFile, options.tokenUrl, options.withoutToken].filter(
    (one) => one !== undefined,
  );
  if (given.length > 1) {
    throw new HongyanError('USAGE', 'give one of --secret-file, --token-url and --without-token');
  }
  if (options.withoutToken) return { tokenSource: 'none', secret: null };
  if (options.tokenUrl !== undefined) return { tokenSource: 'url', secret: options.tokenUrl };
  const secret =
    options.secretFile === undefined
      ? await askSecret(context, text(context.lang, 'account.askSecret', { appid: options.appid }))
      : await readSecret(options.secretFile);
  if (!/^[0-9a-zA-Z]{16,64}$/.test(secret)) {
    throw new HongyanError(
      'USAGE',
      `the AppSecret has ${secret.length} characters and should be 32 hex digits, as shown in WeChat's console`,
    );
  }
  return { tokenSource: 'secret', secret };
}

async function readSecret(file: string): Promise<string> {
  try {
    return (file === '-' ? await streamText(process.stdin) : await readFile(file, 'utf8')).trim();
  } catch (error) {
    throw new HongyanError(
      'SECRET_FILE_UNREADABLE',
      `cannot read the secret file ${file} (${errorCode(error)})`,
      { cause: error },
    );
  }
}

function toTokenSource(source: 'secret' | 'url' | 'none', secret: string | null): TokenSource {
  if (source === 'none' || secret === null) return { kind: 'none' };
  return source === 'url' ? { kind: 'url', url: secret } : { kind: 'secret', secret };
}

/** A real call with the token, so that the IP whitelist is asked too. */
async function checkClient(context: CliContext, client: WechatClient): Promise<void> {
  await client.token.get();
  await networkCalls(client.call).callbackIps();
  context.out(text(context.lang, 'account.checkOk', { appid: client.appid }));
}

/** Says that the account is active again, and what else has to be resumed. */
async function activate(context: CliContext, pool: Pool, appid: string): Promise<boolean> {
  const { activated, paused } = await activateAccount(pool, appid);
  if (!activated) return false;
  context.out(text(context.lang, 'account.resumed', { appid }));
  for (const id of paused) context.out(text(context.lang, 'push.resumeHint', { id: String(id) }));
  return true;
}

function positiveInteger(value: string): number {
  if (!/^[1-9]\d{0,8}$/.test(value))
    throw new HongyanError('USAGE', `"${value}" is not a positive whole number`);
  return Number(value);
}
