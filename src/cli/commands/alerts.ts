import { Command, Option } from 'commander';
import {
  type AlertChannel,
  addAlertChannel,
  changeAlertChannelState,
  listAlertChannels,
  listIncidents,
  type NewTarget,
  readAlertChannel,
  removeAlertChannel,
  testAlertChannel,
} from '../../app/alerts/alerts.ts';
import { failure } from '../../base/errors.ts';
import { alertParts } from '../../texts/parts.ts';
import { text } from '../../texts/ui.ts';
import type { CliContext } from '../context.ts';
import { accountsOption, appidsOf } from '../input/accounts-option.ts';
import { requireYes } from '../input/ask.ts';
import { wholeNumber } from '../input/number.ts';
import { alertChannelId } from '../input/numbers.ts';
import { urlOf } from '../input/public-url.ts';
import { readSecretFile } from '../input/secret-file.ts';
import { withSession } from '../open.ts';
import { table } from '../output/table.ts';
import { formatTime } from '../output/when.ts';
import { stateCommands } from './state-commands.ts';

const maxListed = 1_000;
const kinds = ['wecom', 'dingtalk', 'feishu', 'email', 'webhook'] as const;
/** Incidents are of several accounts, or of none. */
const timeZone = 'Asia/Shanghai';

interface Json {
  json?: boolean;
}

/** `hongyan alerts`: who is told when a person is needed, and what was wrong. */
export function alertsCommand(context: CliContext): Command {
  const command = new Command('alerts');
  addCommand(context, command);
  listCommand(context, command);
  showCommand(context, command);
  testCommand(context, command);
  stateCommands(context, command, { words: 'alerts', idOf: alertChannelId, change: changeAlertChannelState });
  removeCommand(context, command);
  incidentsCommand(context, command);
  return command;
}

interface AddOptions extends Json {
  urlFile?: string;
  secretFile?: string;
  keyword?: string;
  server?: string;
  user?: string;
  passwordFile?: string;
  from?: string;
  to?: string;
  name: string;
  tell: 'en' | 'zh';
  accounts?: string;
}

function addCommand(context: CliContext, command: Command): void {
  command
    .command('add')
    .argument('<kind>')
    .argument('[url]')
    .option('--url-file <file>')
    .option('--secret-file <file>')
    .option('--keyword <word>')
    .option('--server <host:port>')
    .option('--user <user>')
    .option('--password-file <file>')
    .option('--from <address>')
    .option('--to <addresses>')
    .option('--name <name>', undefined, '')
    .addOption(new Option('--tell <lang>').choices(['en', 'zh']).default(context.lang))
    .addOption(accountsOption())
    .option('--json')
    .action((kind: string, url: string | undefined, options: AddOptions) =>
      withSession(context, async (app) => {
        const target = await targetOf(kind, url, options);
        const { name, tell: lang } = options;
        const appids = appidsOf(options.accounts);
        const added = await addAlertChannel(app, context.actor, { name, lang, appids, target });
        if (options.json) return context.out(JSON.stringify(added));
        const { id, host, secret } = added;
        context.out(text(context.lang, 'alerts.added', { id, host }));
        if (secret !== null) context.out(text(context.lang, 'webhooks.secret', { secret }));
      }),
    );
}

async function targetOf(kind: string, given: string | undefined, options: AddOptions): Promise<NewTarget> {
  const known = kinds.find((one) => one === kind);
  if (known === undefined)
    throw failure('USAGE/option-choice', { option: '<kind>', choices: [...kinds], value: kind });
  const secretOf = async (file: string | undefined): Promise<string | null> =>
    file === undefined ? null : await readSecretFile(file);
  if (known === 'email') {
    const [, host = '', port] = /^(.+?)(?::(\d{1,5}))?$/.exec(needed(options.server, 'server')) ?? [];
    return {
      ...{ kind: known, host, port: port === undefined ? 465 : Number(port), secure: null },
      ...{ user: options.user ?? null, password: await secretOf(options.passwordFile) },
      from: needed(options.from, 'from'),
      to: needed(options.to, 'to').split(/[,\s]+/),
    };
  }
  const url = needed(await urlOf('<url>', given, '--url-file', options.urlFile), 'url');
  const secret = await secretOf(options.secretFile);
  switch (known) {
    case 'wecom':
      return { kind: known, url };
    case 'webhook':
      return { kind: known, url, secret };
    default:
      return { kind: known, url, secret, keyword: options.keyword ?? null };
  }
}

function needed(value: string | undefined, name: keyof typeof alertParts): string {
  if (value !== undefined && value !== '') return value;
  throw failure('ALERT_TARGET_INVALID/missing', { name: alertParts[name] });
}

function listCommand(context: CliContext, command: Command): void {
  command
    .command('list')
    .option('--json')
    .action((options: Json) =>
      withSession(context, async (app) => {
        const { data } = await listAlertChannels(app, context.actor, { limit: maxListed, cursor: null });
        if (options.json) return context.out(JSON.stringify(data));
        const { lang } = context;
        if (data.length === 0) return context.out(text(lang, 'alerts.none'));
        const head = text(lang, 'alerts.head').split('|');
        const rows = data.map((one) => [
          ...[String(one.id), one.name === '' ? '-' : one.name, text(lang, `alerts.${one.kind}`), one.host],
          one.appids?.join(',') ?? text(lang, 'alerts.all'),
          ...[text(lang, `alerts.${stateOf(one)}`), String(one.waiting), one.lastError ?? '-'],
        ]);
        for (const line of table(head, rows)) context.out(line);
      }),
    );
}

function stateOf({ state, failingSince }: AlertChannel): 'active' | 'paused' | 'failing' {
  return state === 'active' && failingSince !== null ? 'failing' : state;
}

function showCommand(context: CliContext, command: Command): void {
  command
    .command('show')
    .argument('<id>')
    .option('--json')
    .action((given: string, options: Json) =>
      withSession(context, async (app) => {
        const channel = await readAlertChannel(app, context.actor, { id: alertChannelId(given) });
        if (options.json) return context.out(JSON.stringify(channel));
        const { lang } = context;
        const time = (at: Date | null): string => (at === null ? '-' : formatTime(at, timeZone));
        const { id, name, kind, host, appids, toldAt, failedAt, lastError, waiting, givenUp } = channel;
        const accounts = appids ?? text(lang, 'alerts.all');
        const values = {
          id,
          name: name === '' ? '-' : name,
          kind: text(lang, `alerts.${kind}`),
          host,
          accounts,
        };
        context.out(
          text(lang, 'alerts.shown', { ...values, state: text(lang, `alerts.${stateOf(channel)}`) }),
        );
        context.out(
          text(lang, 'alerts.fares', {
            ...{ told: time(toldAt), failed: time(failedAt), error: lastError ?? '-', waiting, givenUp },
          }),
        );
      }),
    );
}

function testCommand(context: CliContext, command: Command): void {
  command
    .command('test')
    .argument('<id>')
    .option('--json')
    .action((given: string, options: Json) =>
      withSession(context, async (app) => {
        const result = await testAlertChannel(app, context.actor, { id: alertChannelId(given) });
        context.out(
          options.json ? JSON.stringify(result) : text(context.lang, 'alerts.tested', { ...result }),
        );
      }),
    );
}

function removeCommand(context: CliContext, command: Command): void {
  command
    .command('remove')
    .argument('<id>')
    .option('--yes')
    .option('--json')
    .action((given: string, options: Json & { yes?: boolean }) =>
      withSession(context, async (app) => {
        const { id, host, waiting } = await readAlertChannel(app, context.actor, {
          id: alertChannelId(given),
        });
        const question = text(context.lang, 'alerts.removeAsk', { id, host, waiting });
        if (options.yes !== true && waiting > 0) await requireYes(context, question);
        await removeAlertChannel(app, context.actor, { id });
        context.out(options.json ? JSON.stringify({ id }) : text(context.lang, 'alerts.removed', { id }));
      }),
    );
}

function incidentsCommand(context: CliContext, command: Command): void {
  command
    .command('incidents')
    .addOption(new Option('--state <state>').choices(['open', 'ended']))
    .addOption(new Option('--limit <n>').default('50'))
    .option('--json')
    .action((options: Json & { state?: 'open' | 'ended'; limit: string }) =>
      withSession(context, async (app) => {
        const limit = wholeNumber('--limit', options.limit, maxListed);
        const input = { state: options.state ?? null, limit, cursor: null };
        const { data, lookedAt } = await listIncidents(app, context.actor, input);
        if (options.json) return context.out(JSON.stringify({ data, lookedAt }));
        const { lang } = context;
        if (data.length === 0) context.out(text(lang, 'alerts.noIncidents'));
        else {
          const head = text(lang, 'alerts.incidentsHead').split('|');
          const rows = data.map((one) => [
            ...[String(one.id), formatTime(one.seenAt, timeZone)],
            one.endedAt === null ? text(lang, 'alerts.open') : formatTime(one.endedAt, timeZone),
            ...[one.title, one.why],
          ]);
          for (const line of table(head, rows)) context.out(line);
        }
        if (lookedAt === null) context.out(text(lang, 'alerts.neverLooked'));
      }),
    );
}
