import { Command, Option } from 'commander';
import type { AccountView } from '../../../app/accounts/account-view.ts';
import {
  checkAccount,
  listAccounts,
  pauseAccount,
  planRemoval,
  type Resumed,
  removeAccount,
  resumeAccount,
  showAccount,
} from '../../../app/accounts/accounts.ts';
import {
  type AccountChange,
  addAccount,
  checkAllButToken,
  type TokenInput,
} from '../../../app/accounts/save-account.ts';
import { failure } from '../../../base/errors.ts';
import { kindNames } from '../../../texts/account-words.ts';
import { text } from '../../../texts/ui.ts';
import type { CliContext } from '../../context.ts';
import { allPages } from '../../input/all-pages.ts';
import { askSecret, requireYes } from '../../input/ask.ts';
import { readSecretFile } from '../../input/secret-file.ts';
import { withSession } from '../../open.ts';
import { table } from '../../output/table.ts';
import { addAccountRules, ruleLines } from './account-rules.ts';

interface AddFlags {
  appid: string;
  kind: keyof typeof kindNames;
  secretFile?: string;
  tokenUrlFile?: string;
  withoutToken?: boolean;
  baseUrl?: string;
  proxyFile?: string;
  name?: string;
  rate?: string;
  check: boolean;
  json?: boolean;
}

export function accountsCommand(context: CliContext): Command {
  const command = new Command('accounts');

  command
    .command('add')
    .requiredOption('--appid <appid>')
    .addOption(new Option('--kind <kind>').choices(Object.keys(kindNames)).makeOptionMandatory())
    .option('--secret-file <file>')
    .option('--token-url-file <file>')
    .option('--without-token')
    .option('--base-url <url>')
    .option('--proxy-file <file>')
    .option('--name <name>')
    .option('--rate <n>')
    .option('--no-check')
    .option('--json')
    .action((flags: AddFlags) => add(context, flags));

  command
    .command('list')
    .option('--json')
    .action((flags: { json?: boolean }) =>
      withSession(context, async (app) => {
        const accounts = await allPages((cursor) => listAccounts(app, context.actor, { limit: 500, cursor }));
        if (flags.json) return context.out(JSON.stringify(accounts));
        if (accounts.length === 0) return context.out(text(context.lang, 'account.none'));
        for (const line of accountTable(context, accounts)) context.out(line);
      }),
    );

  command
    .command('show')
    .argument('<appid>')
    .option('--json')
    .action((appid: string, flags: { json?: boolean }) =>
      withSession(context, async (app) => {
        const account = await showAccount(app, context.actor, { appid });
        if (flags.json) return context.out(JSON.stringify(account));
        for (const line of accountTable(context, [account])) context.out(line);
        for (const line of ruleLines(context, account)) context.out(line);
      }),
    );

  command
    .command('check')
    .argument('<appid>')
    .option('--json')
    .action((appid: string, flags: { json?: boolean }) =>
      withSession(context, async (app) => {
        const resumed = await checkAccount(app, context.actor, { appid });
        if (flags.json) return context.out(JSON.stringify({ appid, ...resumed }));
        context.out(text(context.lang, 'account.checkOk', { appid }));
        sayResumed(context, appid, resumed);
      }),
    );

  command
    .command('pause')
    .argument('<appid>')
    .option('--json')
    .action((appid: string, flags: { json?: boolean }) =>
      withSession(context, async (app) => {
        const account = await pauseAccount(app, context.actor, { appid });
        context.out(flags.json ? JSON.stringify(account) : text(context.lang, 'account.paused', { appid }));
      }),
    );

  command
    .command('resume')
    .argument('<appid>')
    .option('--json')
    .action((appid: string, flags: { json?: boolean }) =>
      withSession(context, async (app) => {
        const resumed = await resumeAccount(app, context.actor, { appid });
        if (flags.json) return context.out(JSON.stringify({ appid, ...resumed }));
        sayResumed(context, appid, resumed);
        if (!resumed.activated) context.out(text(context.lang, 'account.notPaused', { appid }));
      }),
    );

  command
    .command('remove')
    .argument('<appid>')
    .option('--yes')
    .option('--json')
    .action((appid: string, flags: { yes?: boolean; json?: boolean }) =>
      withSession(context, async (app) => {
        const { contacts, campaigns } = await planRemoval(app, context.actor, { appid });
        const question = text(context.lang, 'account.removeAsk', { appid, contacts, campaigns });
        if (flags.yes !== true) await requireYes(context, question);
        const removed = await removeAccount(app, context.actor, { appid });
        if (flags.json) return context.out(JSON.stringify({ appid, removed }));
        context.out(text(context.lang, 'account.removed', { appid }));
      }),
    );
  addAccountRules(command, context);
  return command;
}

function accountTable({ lang }: CliContext, accounts: AccountView[]): string[] {
  return table(
    [
      ...[text(lang, 'head.account'), text(lang, 'head.kind'), text(lang, 'head.name')],
      ...[text(lang, 'head.token'), text(lang, 'head.rate'), text(lang, 'head.state')],
      text(lang, 'head.address'),
    ],
    accounts.map((one) => [
      ...[one.appid, kindNames[one.kind][lang], one.name, text(lang, `token.${one.tokenSource}`)],
      ...[String(one.ratePerS), text(lang, `accountstate.${one.state}`)],
      one.baseUrl ?? 'api.weixin.qq.com',
    ]),
  );
}

/** Says that the account is active again, and what else has to be resumed. */
function sayResumed(context: CliContext, appid: string, { activated, pausedCampaigns }: Resumed): void {
  if (!activated) return;
  context.out(text(context.lang, 'account.resumed', { appid }));
  for (const id of pausedCampaigns) context.out(text(context.lang, 'push.resumeHint', { id: String(id) }));
}

async function add(context: CliContext, flags: AddFlags): Promise<void> {
  const { appid, kind, baseUrl, name, rate, check } = flags;
  requireTokenFlags(flags);
  const proxy = flags.proxyFile === undefined ? undefined : await readSecretFile(flags.proxyFile);
  const input = {
    ...{ appid, kind, check },
    ...(name === undefined ? {} : { name }),
    ...(baseUrl === undefined ? {} : { baseUrl }),
    ...(proxy === undefined ? {} : { proxy }),
    ...(rate === undefined ? {} : { ratePerS: Number(rate) }),
  };
  // Nobody types a secret for what is refused anyway.
  checkAllButToken(input);
  const token = await tokenOf(context, flags);
  await withSession(context, async (app) => {
    const { result, changes, account } = await addAccount(app, context.actor, { ...input, token });
    if (flags.json) return context.out(JSON.stringify({ result, changes, account }));
    const values = { appid, kind: kindNames[kind] };
    if (check) context.out(text(context.lang, 'account.checkOk', values));
    if (result === 'added') return context.out(text(context.lang, 'account.added', values));
    if (changes.length === 0) return context.out(text(context.lang, 'account.unchanged', values));
    context.out(text(context.lang, 'account.changed', values));
    for (const change of changes) context.out(`  ${changeLine(context, change)}`);
  });
}

function changeLine({ lang }: CliContext, { setting, from, to }: AccountChange): string {
  const name = text(lang, `setting.${setting}`);
  if (from === undefined || to === undefined) return name;
  const shown = (value: string | number | null): string => {
    if (value === null || value === '') return text(lang, 'setting.unset');
    switch (setting) {
      case 'kind':
        return kindNames[value as keyof typeof kindNames][lang]; // of a view of the account
      case 'state':
        return text(lang, `accountstate.${value as AccountView['state']}`); // likewise
      case 'tokenSource':
        return text(lang, `token.${value as AccountView['tokenSource']}`); // likewise
      default:
        return String(value);
    }
  };
  return text(lang, 'account.change', { name, from: shown(from), to: shown(to) });
}

function requireTokenFlags({ secretFile, tokenUrlFile, withoutToken, proxyFile }: AddFlags): void {
  if ([secretFile, tokenUrlFile, withoutToken].filter((one) => one !== undefined).length > 1)
    throw failure('USAGE/one-of', { options: ['--secret-file', '--token-url-file', '--without-token'] });
  if ([secretFile, tokenUrlFile, proxyFile].filter((one) => one === '-').length > 1)
    throw failure('USAGE/stdin-once', {});
}

async function tokenOf(context: CliContext, flags: AddFlags): Promise<TokenInput> {
  const { secretFile, tokenUrlFile, withoutToken } = flags;
  if (withoutToken) return { source: 'none' };
  if (tokenUrlFile !== undefined) return { source: 'url', url: await readSecretFile(tokenUrlFile) };
  if (secretFile !== undefined) return { source: 'secret', secret: await readSecretFile(secretFile) };
  const question = text(context.lang, 'account.askSecret', { appid: flags.appid });
  return { source: 'secret', secret: await askSecret(context, question, '--secret-file FILE') };
}
