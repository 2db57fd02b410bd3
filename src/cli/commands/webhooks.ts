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
  testWebhook,
  webhookTopics,
} from '../../app/webhooks.ts';
import { failure } from '../../base/errors.ts';
import { text } from '../../texts/ui.ts';
import type { CliContext } from '../context.ts';
import { askYesNo } from '../input/ask.ts';
import { wholeNumber } from '../input/number.ts';
import { readSecretFile } from '../input/secret-file.ts';
import { withSession } from '../open.ts';
import { table } from '../output/table.ts';
import { formatTime } from '../output/when.ts';

const maxListed = 9_999;

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
      withSession(context, async (app) => {
        const { secretFile } = options;
        const topics = options.topics.split(/[,|\s]+/).filter((one) => one !== '');
        const given = secretFile === undefined ? undefined : await readSecretFile(secretFile);
        const added = await addWebhook(app, context.actor, { appid, url: address, topics, secret: given });
        const { id, host, secret } = added;
        context.out(text(context.lang, 'webhooks.added', { id, host, topics: added.topics.join(', ') }));
        if (secret !== null) context.out(text(context.lang, 'webhooks.secret', { secret }));
      }),
    );
}

function listCommand(context: CliContext, command: Command): void {
  command
    .command('list')
    .description('the webhooks, and how their deliveries fare')
    .argument('[appid]')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  $ hongyan webhooks list')
    .action((appid: string | undefined, options: { json?: boolean }) =>
      withSession(context, async (app) => {
        const { webhooks } = await listWebhooks(app, context.actor, { appid: appid ?? null });
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
        withSession(context, async (app) => {
          const webhook = { id: parseId(id), state };
          const { changed } = await changeWebhookState(app, context.actor, webhook);
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
      withSession(context, async (app) => {
        const webhook = await readWebhook(app, context.actor, { id: parseId(id) });
        const { host, waiting, dead } = webhook;
        const question = text(context.lang, 'webhooks.removeAsk', { id: webhook.id, host, waiting, dead });
        if (options.yes !== true && waiting + dead > 0 && !(await askYesNo(context, question))) return;
        await removeWebhook(app, context.actor, { id: webhook.id });
        context.out(text(context.lang, 'webhooks.removed', { id: webhook.id }));
      }),
    );

  command
    .command('test')
    .description('send it one item of topic "test" now, and say what it answers')
    .argument('<id>')
    .addHelpText('after', '\nExample:\n  $ hongyan webhooks test 1')
    .action((id: string) =>
      withSession(context, async (app) => {
        const input = { id: parseId(id), signal: context.signal };
        const { host } = await testWebhook(app, context.actor, input);
        context.out(text(context.lang, 'webhooks.tested', { host }));
      }),
    );
}

function deliveryCommands(context: CliContext, command: Command): void {
  command
    .command('deliveries')
    .description('its newest deliveries; --state dead is the dead-letter list')
    .argument('<id>')
    .addOption(
      new Option('--state <state>', 'pending, delivered or dead').choices(['pending', 'delivered', 'dead']),
    )
    .option('--limit <n>', 'at most so many', '50')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  $ hongyan webhooks deliveries 1 --state dead')
    .action((id: string, options: { state?: Delivery['state']; limit: string; json?: boolean }) =>
      withSession(context, async (app) => {
        const { deliveries: rows, timeZone } = await listDeliveries(app, context.actor, {
          id: parseId(id),
          state: options.state ?? null,
          limit: wholeNumber('--limit', options.limit, maxListed),
        });
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
      withSession(context, async (app) => {
        if (delivery !== undefined && !/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(delivery))
          throw failure('USAGE/webhook-delivery', {});
        const input = { id: parseId(id), delivery: delivery ?? null };
        const { replayed } = await replayWebhook(app, context.actor, input);
        const key = replayed === 0 ? 'webhooks.noDeliveries' : 'webhooks.replayed';
        context.out(text(context.lang, key, { n: replayed }));
      }),
    );
}

function parseId(id: string): number {
  if (!/^[1-9]\d{0,14}$/.test(id)) throw failure('WEBHOOK_NOT_FOUND', { id });
  return Number(id);
}
