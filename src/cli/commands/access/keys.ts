import { Command } from 'commander';
import { type AppKey, createKey, listKeys, revokeKey } from '../../../app/access/keys.ts';
import { timeZoneOf } from '../../../app/time-zone.ts';
import { failure } from '../../../base/errors.ts';
import { isPermission, permissions } from '../../../contract/permissions.ts';
import { type TextKey, text } from '../../../texts/ui.ts';
import type { CliContext } from '../../context.ts';
import { accountsOption, appidsOf } from '../../input/accounts-option.ts';
import { allPages } from '../../input/all-pages.ts';
import { withSession } from '../../open.ts';
import { table } from '../../output/table.ts';
import { formatTime } from '../../output/when.ts';

const heads = [
  'keyhead.id',
  'keyhead.name',
  'keyhead.permissions',
  'keyhead.accounts',
  'keyhead.state',
  'keyhead.lastUse',
] as const;

interface CreateFlags {
  permissions: string;
  accounts?: string;
  rate?: string;
  days?: string;
  json?: boolean;
}

/** `hongyan keys`: API keys of programs. */
export function keysCommand(context: CliContext): Command {
  const { lang, actor } = context;
  const command = new Command('keys');

  command
    .command('create')
    .argument('<name>')
    .requiredOption('--permissions <list>')
    .addOption(accountsOption())
    .option('--rate <n>')
    .option('--days <n>')
    .option('--json')
    .action((name: string, flags: CreateFlags) =>
      withSession(context, async (app) => {
        const days = wholeNumber('--days', flags.days, 3650);
        const made = await createKey(app, actor, {
          name,
          permissions: flags.permissions.split(/[,\s]+/).map(permissionOf),
          accounts: appidsOf(flags.accounts),
          ratePerS: wholeNumber('--rate', flags.rate, 1_000_000),
          expiresAt: days === null ? null : new Date(Date.now() + days * 86_400_000),
        });
        if (flags.json) return context.out(JSON.stringify(made));
        context.out(text(lang, 'keys.created', { name, id: made.id }));
        context.out(made.key);
      }),
    );

  command
    .command('list')
    .option('--json')
    .action((flags: { json?: boolean }) =>
      withSession(context, async (app) => {
        const keys = await allPages((cursor) => listKeys(app, actor, { limit: 200, cursor }));
        if (flags.json) return context.out(JSON.stringify(keys));
        const zone = await timeZoneOf(app, actor, {});
        const head = heads.map((key) => text(lang, key));
        const rows = keys.map((key) => [
          key.id,
          key.name,
          key.permissions.join(','),
          key.accounts?.join(',') ?? text(lang, 'access.allAccounts'),
          text(lang, stateOf(key)),
          key.lastUsedAt === null ? '-' : formatTime(key.lastUsedAt, zone),
        ]);
        for (const line of table(head, rows)) context.out(line);
      }),
    );

  command
    .command('revoke')
    .argument('<id>')
    .option('--json')
    .action((id: string, flags: { json?: boolean }) =>
      withSession(context, async (app) => {
        const key = await revokeKey(app, actor, { id });
        if (flags.json) return context.out(JSON.stringify(key));
        context.out(text(lang, 'keys.revoked', { name: key.name, id }));
      }),
    );
  return command;
}

function permissionOf(word: string) {
  if (isPermission(word)) return word;
  throw failure('USAGE/permission', { word, known: [...permissions] });
}

function wholeNumber(option: string, value: string | undefined, max: number): number | null {
  if (value === undefined) return null;
  if (/^[1-9]\d{0,6}$/.test(value) && Number(value) <= max) return Number(value);
  throw failure('USAGE/option-number', { option, min: 1, max: String(max), value });
}

function stateOf(key: AppKey): TextKey {
  if (key.revokedAt !== null) return 'keystate.revoked';
  return key.expiresAt !== null && key.expiresAt.getTime() <= Date.now()
    ? 'keystate.expired'
    : 'keystate.valid';
}
