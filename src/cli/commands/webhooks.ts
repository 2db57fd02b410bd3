import { Command, Option } from 'commander';
import {
  addWebhook,
  changeWebhookState,
  type Delivery,
  listDeliveries,
  listWebhooks,
  readWebhook,
  removeWebhook,
  replayWebhook,
  rotateWebhookSecret,
  testWebhook,
  type Webhook,
} from '../../app/webhooks.ts';
import { failure } from '../../base/errors.ts';
import { text } from '../../texts/ui.ts';
import type { CliContext } from '../context.ts';
import { requireYes } from '../input/ask.ts';
import { hours, wholeNumber } from '../input/number.ts';
import { webhookId } from '../input/numbers.ts';
import { urlOf } from '../input/public-url.ts';
import { readSecretFile } from '../input/secret-file.ts';
import { withSession } from '../open.ts';
import { table } from '../output/table.ts';
import { formatTime } from '../output/when.ts';
import { stateCommands } from './state-commands.ts';

const maxListed = 9_999;

interface Json {
  json?: boolean;
}

/** `hongyan webhooks`: URLs of the operator that are told of events and outcomes. */
export function webhooksCommand(context: CliContext): Command {
  const command = new Command('webhooks');
  addCommand(context, command);
  listCommand(context, command);
  stateCommands(context, command, { words: 'webhooks', idOf: webhookId, change: changeWebhookState });
  rotateCommand(context, command);
  removeCommand(context, command);
  testCommand(context, command);
  deliveryCommands(context, command);
  return command;
}

interface AddOptions extends Json {
  topics: string;
  secretFile?: string;
  urlFile?: string;
}

function addCommand(context: CliContext, command: Command): void {
  command
    .command('add')
    .argument('<appid>')
    .argument('[url]')
    .option('--url-file <file>')
    .requiredOption('--topics <topics>')
    .option('--secret-file <file>')
    .option('--json')
    .action((appid: string, given: string | undefined, options: AddOptions) =>
      withSession(context, async (app) => {
        const url = await urlOf('<url>', given, '--url-file', options.urlFile);
        if (url === undefined) throw failure('USAGE/webhook-url', {});
        const topics = options.topics.split(/[,|\s]+/).filter((one) => one !== '');
        const own = await ownSecret(options.secretFile);
        const added = await addWebhook(app, context.actor, { appid, url, topics, secret: own });
        if (options.json) return context.out(JSON.stringify(added));
        const { id, host, secret } = added;
        context.out(text(context.lang, 'webhooks.added', { id, host, topics: added.topics }));
        if (secret !== null) context.out(text(context.lang, 'webhooks.secret', { secret }));
      }),
    );
}

async function ownSecret(file: string | undefined): Promise<string | undefined> {
  return file === undefined ? undefined : await readSecretFile(file);
}

function listCommand(context: CliContext, command: Command): void {
  command
    .command('list')
    .argument('[appid]')
    .option('--json')
    .action((appid: string | undefined, options: Json) =>
      withSession(context, async (app) => {
        const all = { appid: appid ?? null, limit: maxListed, cursor: null };
        const { data: webhooks } = await listWebhooks(app, context.actor, all);
        if (options.json) return context.out(JSON.stringify(webhooks));
        const { lang } = context;
        if (webhooks.length === 0) return context.out(text(lang, 'webhooks.none'));
        for (const line of table(
          text(lang, 'webhooks.head').split('|'),
          webhooks.map((one) => [
            String(one.id),
            one.appid,
            one.host,
            one.topics.join(','),
            text(lang, `webhooks.${stateOf(one)}`),
            String(one.waiting),
            String(one.dead),
            one.lastError ?? '-',
          ]),
        ))
          context.out(line);
      }),
    );
}

function stateOf({ state, downSince }: Webhook): 'active' | 'paused' | 'down' {
  return state === 'active' && downSince !== null ? 'down' : state;
}

function rotateCommand(context: CliContext, command: Command): void {
  command
    .command('rotate')
    .argument('<id>')
    .option('--secret-file <file>')
    .option('--old-for <hours>')
    .option('--json')
    .action((given: string, options: Json & { secretFile?: string; oldFor?: string }) =>
      withSession(context, async (app) => {
        const id = webhookId(given);
        const { lang, actor } = context;
        const { timeZone } = await readWebhook(app, actor, { id });
        const result = await rotateWebhookSecret(app, actor, {
          id,
          secret: await ownSecret(options.secretFile),
          oldForHours: options.oldFor === undefined ? undefined : hours('--old-for', options.oldFor),
        });
        if (options.json) return context.out(JSON.stringify(result));
        const { secret, oldUntil } = result;
        if (secret !== null) context.out(text(lang, 'webhooks.secret', { secret }));
        context.out(
          oldUntil === null
            ? text(lang, 'webhooks.oldEnded')
            : text(lang, 'webhooks.oldUntil', { until: formatTime(oldUntil, timeZone) }),
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
        const { id, host, waiting, dead } = await readWebhook(app, context.actor, { id: webhookId(given) });
        const question = text(context.lang, 'webhooks.removeAsk', { id, host, waiting, dead });
        if (options.yes !== true && waiting + dead > 0) await requireYes(context, question);
        await removeWebhook(app, context.actor, { id });
        context.out(options.json ? JSON.stringify({ id }) : text(context.lang, 'webhooks.removed', { id }));
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
        const input = { id: webhookId(given), signal: context.signal };
        const result = await testWebhook(app, context.actor, input);
        context.out(
          options.json ? JSON.stringify(result) : text(context.lang, 'webhooks.tested', { ...result }),
        );
      }),
    );
}

interface DeliveriesOptions extends Json {
  state?: Delivery['state'];
  limit: string;
}

function deliveryCommands(context: CliContext, command: Command): void {
  command
    .command('deliveries')
    .argument('<id>')
    .addOption(new Option('--state <state>').choices(['pending', 'delivered', 'dead']))
    .addOption(new Option('--limit <n>').default('50'))
    .option('--json')
    .action((id: string, options: DeliveriesOptions) =>
      withSession(context, async (app) => {
        const { data: rows, timeZone } = await listDeliveries(app, context.actor, {
          id: webhookId(id),
          state: options.state ?? null,
          limit: wholeNumber('--limit', options.limit, maxListed),
          cursor: null,
        });
        if (options.json) return context.out(JSON.stringify(rows));
        const { lang } = context;
        if (rows.length === 0) return context.out(text(lang, 'webhooks.noDeliveries'));
        for (const line of table(
          text(lang, 'webhooks.deliveriesHead').split('|'),
          rows.map((one) => [
            one.id,
            formatTime(one.createdAt, timeZone),
            String(one.items),
            text(lang, `webhooks.${one.state}`),
            String(one.attempts),
            one.nextAt === null ? '-' : formatTime(one.nextAt, timeZone),
            one.lastError ?? '-',
          ]),
        ))
          context.out(line);
      }),
    );

  command
    .command('replay')
    .argument('<id>')
    .argument('[delivery]')
    .option('--json')
    .action((id: string, delivery: string | undefined, options: Json) =>
      withSession(context, async (app) => {
        if (delivery !== undefined && !/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(delivery))
          throw failure('USAGE/webhook-delivery', {});
        const input = { id: webhookId(id), delivery: delivery ?? null };
        const result = await replayWebhook(app, context.actor, input);
        if (options.json) return context.out(JSON.stringify(result));
        const key = result.replayed === 0 ? 'webhooks.noDeliveries' : 'webhooks.replayed';
        context.out(text(context.lang, key, { n: result.replayed }));
      }),
    );
}
