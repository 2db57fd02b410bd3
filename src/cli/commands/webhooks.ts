import { readFile } from 'node:fs/promises';
import { Command } from 'commander';
import { errorCode, HongyanError } from '../../base/errors.ts';
import { checkWebhookUrl, createGuard } from '../../engine/webhooks/guard.ts';
import { WebhookSender } from '../../engine/webhooks/sender.ts';
import { makeSecret, parseSecret } from '../../engine/webhooks/sign.ts';
import { parseTopics, webhookTopics } from '../../engine/webhooks/topics.ts';
import { getAccount } from '../../store/accounts/accounts.ts';
import { type Delivery, listDeliveries, replayDeliveries } from '../../store/webhooks/deliveries.ts';
import {
  addWebhook,
  getWebhook,
  listWebhooks,
  openWebhook,
  removeWebhook,
  setWebhookState,
} from '../../store/webhooks/webhooks.ts';
import { text } from '../../texts/ui.ts';
import { webhookAllowList } from '../config.ts';
import type { CliContext } from '../context.ts';
import { personName } from '../input/approval.ts';
import { askYesNo } from '../input/ask.ts';
import { withSession } from '../open.ts';
import { table } from '../output/table.ts';
import { formatTime } from '../output/when.ts';

/** `hongyan webhooks`: URLs of the operator that are told of events and outcomes. */
export function webhooksCommand(context: CliContext): Command {
  const command = new Command('webhooks').description(
    'URLs that are told of events and outcomes; a running serve or worker sends',
  );
  addCommand(context, command);
  listCommand(context, command);
  stateCommands(context, command);
  deliveryCommands(context, command);
  return command;
}

function addCommand(context: CliContext, command: Command): void {
  command
    .command('add')
    .description('add a webhook; prints its secret once')
    .argument('<appid>')
    .argument('<url>', 'http:// or https://')
    .requiredOption(
      '--topics <topics>',
      `comma-separated: ${webhookTopics.join(', ')}; "outcome" stands for all outcomes, "all" for everything`,
    )
    .option('--secret-file <file>', 'a secret of your own (whsec_…) instead of a new one')
    .addHelpText(
      'after',
      '\nExample:\n  $ hongyan webhooks add wx0123456789abcdef https://example.com/hook --topics follow,outcome',
    )
    .action((appid: string, address: string, options: { topics: string; secretFile?: string }) =>
      withSession(context, async ({ store }) => {
        await getAccount(store.pool, appid);
        const url = checkWebhookUrl(address, createGuard(webhookAllowList(context.config)));
        const topics = parseTopics(options.topics);
        if (topics === null)
          throw new HongyanError(
            'USAGE',
            `--topics takes ${webhookTopics.join(', ')}, outcome and all, comma-separated`,
          );
        const secret = options.secretFile === undefined ? makeSecret() : await readSecret(options.secretFile);
        const id = await addWebhook(store.pool, store.sealer, {
          appid,
          url,
          secret,
          topics,
          createdBy: personName(),
        });
        context.out(text(context.lang, 'webhooks.added', { id, host: url.host, topics: topics.join(', ') }));
        if (options.secretFile === undefined) context.out(text(context.lang, 'webhooks.secret', { secret }));
      }),
    );
}

async function readSecret(path: string): Promise<string> {
  const read = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new HongyanError('USAGE', `cannot read ${path} (${errorCode(error)})`, { cause: error });
  });
  if (parseSecret(read) === null)
    throw new HongyanError('USAGE', `${path} holds no webhook secret: whsec_ and 24 to 64 bytes as base64`);
  return read.trim();
}

function listCommand(context: CliContext, command: Command): void {
  command
    .command('list')
    .description('the webhooks, and how their deliveries fare')
    .argument('[appid]')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  $ hongyan webhooks list')
    .action((appid: string | undefined, options: { json?: boolean }) =>
      withSession(context, async ({ store }) => {
        if (appid !== undefined) await getAccount(store.pool, appid);
        const webhooks = await listWebhooks(store.pool, appid ?? null);
        if (options.json) return context.out(JSON.stringify(webhooks));
        if (webhooks.length === 0) return context.out(text(context.lang, 'webhooks.none'));
        for (const line of table(
          ['id', 'account', 'host', 'topics', 'state', 'waiting', 'dead', 'last error'],
          webhooks.map((one) => [
            String(one.id),
            one.appid,
            one.host,
            one.topics.join(','),
            one.state === 'active' && one.downSince !== null ? 'down' : one.state,
            String(one.waiting),
            String(one.dead),
            one.lastError ?? '-',
          ]),
        ))
          context.out(line);
      }),
    );
}

function stateCommands(context: CliContext, command: Command): void {
  const change = (name: 'pause' | 'resume', state: 'paused' | 'active', description: string): void => {
    command
      .command(name)
      .description(description)
      .argument('<id>')
      .addHelpText('after', `\nExample:\n  $ hongyan webhooks ${name} 1`)
      .action((id: string) =>
        withSession(context, async ({ store }) => {
          const webhook = await getWebhook(store.pool, parseId(id));
          const changed = await setWebhookState(store.pool, webhook.id, state);
          const key = !changed
            ? 'webhooks.unchanged'
            : state === 'paused'
              ? 'webhooks.paused'
              : 'webhooks.resumed';
          context.out(text(context.lang, key, { id: webhook.id, state }));
        }),
      );
  };
  change('pause', 'paused', 'send nothing to it for now; what it is to be told is kept');
  change('resume', 'active', 'send again, first what was kept');

  command
    .command('remove')
    .description('remove a webhook and its deliveries')
    .argument('<id>')
    .option('--yes', 'do not ask')
    .addHelpText('after', '\nExample:\n  $ hongyan webhooks remove 1')
    .action((id: string, options: { yes?: boolean }) =>
      withSession(context, async ({ store }) => {
        const webhook = await getWebhook(store.pool, parseId(id));
        const { host, waiting, dead } = webhook;
        const question = text(context.lang, 'webhooks.removeAsk', { id: webhook.id, host, waiting, dead });
        if (options.yes !== true && waiting + dead > 0 && !(await askYesNo(context, question))) return;
        await removeWebhook(store.pool, webhook.id);
        context.out(text(context.lang, 'webhooks.removed', { id: webhook.id }));
      }),
    );

  command
    .command('test')
    .description('send it one item of topic "test" now, and say what it answers')
    .argument('<id>')
    .addHelpText('after', '\nExample:\n  $ hongyan webhooks test 1')
    .action((id: string) =>
      withSession(context, async ({ store }) => {
        const webhook = await openWebhook(store.pool, store.sealer, parseId(id));
        const sender = new WebhookSender(webhookAllowList(context.config));
        const at = new Date();
        const body = JSON.stringify({
          appid: webhook.appid,
          items: [{ topic: 'test', at: at.toISOString() }],
        });
        const delivery = { ...webhook, id: `test-${at.getTime()}`, body };
        const result = await sender.send(delivery, context.signal).finally(() => sender.close());
        if (result.kind === 'taken')
          return context.out(text(context.lang, 'webhooks.tested', { host: webhook.host }));
        if (result.kind === 'failed' && result.error.startsWith('WEBHOOK_ADDRESS_REFUSED'))
          throw new HongyanError(
            'WEBHOOK_ADDRESS_REFUSED',
            `${webhook.host} was not asked: its address is not public. If it is meant, set HONGYAN_WEBHOOK_ALLOW for this command and for every running serve and worker (docs/webhooks.md)`,
          );
        throw new HongyanError(
          'WEBHOOK_FAILED',
          `${webhook.host} did not take the test: ${result.kind === 'gone' ? 'HTTP 410' : result.error}`,
        );
      }),
    );
}

function deliveryCommands(context: CliContext, command: Command): void {
  command
    .command('deliveries')
    .description('its newest deliveries; --state dead is the dead-letter list')
    .argument('<id>')
    .option('--state <state>', 'pending, delivered or dead')
    .option('--limit <n>', 'at most so many', '50')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  $ hongyan webhooks deliveries 1 --state dead')
    .action((id: string, options: { state?: string; limit: string; json?: boolean }) =>
      withSession(context, async ({ store }) => {
        const limit = parseLimit(options.limit);
        const state = parseState(options.state);
        const webhook = await getWebhook(store.pool, parseId(id));
        const { timeZone } = await getAccount(store.pool, webhook.appid);
        const rows = await listDeliveries(store.pool, webhook.id, state, limit);
        if (options.json) return context.out(JSON.stringify(rows));
        if (rows.length === 0) return context.out(text(context.lang, 'webhooks.noDeliveries'));
        for (const line of table(
          ['id', 'made', 'items', 'state', 'attempts', 'next attempt', 'last error'],
          rows.map((one) => [
            one.id,
            formatTime(one.createdAt, timeZone),
            String(one.items),
            one.state,
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
    .description('send all dead deliveries of a webhook once more, or one delivery of any state')
    .argument('<id>')
    .argument('[delivery]')
    .addHelpText('after', '\nExample:\n  $ hongyan webhooks replay 1')
    .action((id: string, delivery: string | undefined) =>
      withSession(context, async ({ store }) => {
        const webhook = await getWebhook(store.pool, parseId(id));
        if (delivery !== undefined && !/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(delivery))
          throw new HongyanError('USAGE', 'a delivery has an id as: hongyan webhooks deliveries shows it');
        const n = await replayDeliveries(store.pool, webhook.id, delivery ?? null);
        context.out(text(context.lang, n === 0 ? 'webhooks.noDeliveries' : 'webhooks.replayed', { n }));
      }),
    );
}

function parseId(id: string): number {
  if (!/^[1-9]\d{0,14}$/.test(id))
    throw new HongyanError('WEBHOOK_NOT_FOUND', 'a webhook has a number; see: hongyan webhooks list');
  return Number(id);
}

function parseLimit(limit: string): number {
  if (!/^[1-9]\d{0,3}$/.test(limit)) throw new HongyanError('USAGE', '--limit takes a number from 1 to 9999');
  return Number(limit);
}

function parseState(state: string | undefined): Delivery['state'] | null {
  if (state === undefined || state === 'pending' || state === 'delivered' || state === 'dead')
    return state ?? null;
  throw new HongyanError('USAGE', '--state takes pending, delivered or dead');
}
