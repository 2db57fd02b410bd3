import { Command, Option } from 'commander';
import {
  type AppUser,
  changeUser,
  createUser,
  endSessions,
  linkUser,
  listUsers,
  userId,
} from '../../../app/access/users.ts';
import { timeZoneOf } from '../../../app/time-zone.ts';
import { isRole, roleNames } from '../../../contract/permissions.ts';
import type { Lang } from '../../../texts/catalogue.ts';
import { permissionWords } from '../../../texts/console/access/permissions.ts';
import { type TextKey, text } from '../../../texts/ui.ts';
import type { CliContext } from '../../context.ts';
import { accountsOption, appidsOf } from '../../input/accounts-option.ts';
import { allPages } from '../../input/all-pages.ts';
import { withSession } from '../../open.ts';
import { table } from '../../output/table.ts';
import { formatTime } from '../../output/when.ts';

const heads = [
  'userhead.name',
  'userhead.role',
  'userhead.accounts',
  'userhead.state',
  'userhead.lastSignIn',
] as const;

interface ChangeFlags {
  role?: string;
  accounts?: string;
  disable?: boolean;
  enable?: boolean;
  json?: boolean;
}

/** `hongyan users`: people who may use the console. */
export function usersCommand(context: CliContext): Command {
  const { lang, actor } = context;
  const command = new Command('users');
  const role = (): Option => new Option('--role <role>').choices([...roleNames]);

  command
    .command('add')
    .argument('<name>')
    .addOption(role().default('viewer'))
    .addOption(accountsOption())
    .option('--json')
    .action((name: string, flags: { role: string; accounts?: string; json?: boolean }) =>
      withSession(context, async (app) => {
        const input = { name, role: isRole(flags.role) ? flags.role : ('viewer' as const) }; // one of the choices
        const made = await createUser(app, actor, { ...input, accounts: appidsOf(flags.accounts) });
        if (flags.json) return context.out(JSON.stringify(made));
        context.out(text(lang, 'users.added', { name, role: roleText(made.user.role, lang) }));
        context.out(text(lang, 'users.link', { link: addressed(context, made.link.path) }));
      }),
    );

  command
    .command('list')
    .option('--json')
    .action((flags: { json?: boolean }) =>
      withSession(context, async (app) => {
        const users = await allPages((cursor) => listUsers(app, actor, { limit: 200, cursor }));
        if (flags.json) return context.out(JSON.stringify(users));
        const zone = await timeZoneOf(app, actor, {});
        const head = heads.map((key) => text(lang, key));
        const rows = users.map((user) => [
          user.name,
          roleText(user.role, lang),
          user.accounts?.join(',') ?? text(lang, 'access.allAccounts'),
          text(lang, stateOf(user)),
          user.lastSignInAt === null ? '-' : formatTime(user.lastSignInAt, zone),
        ]);
        for (const line of table(head, rows)) context.out(line);
      }),
    );

  command
    .command('change')
    .argument('<name>')
    .addOption(role())
    .addOption(accountsOption())
    .option('--disable')
    .option('--enable')
    .option('--json')
    .action((name: string, flags: ChangeFlags) =>
      withSession(context, async (app) => {
        const user = await changeUser(app, actor, {
          id: await userId(app, name),
          role: flags.role !== undefined && isRole(flags.role) ? flags.role : undefined,
          accounts: flags.accounts === undefined ? undefined : appidsOf(flags.accounts),
          isDisabled: flags.disable ? true : flags.enable ? false : undefined,
        });
        if (flags.json) return context.out(JSON.stringify(user));
        const state = text(lang, stateOf(user));
        context.out(text(lang, 'users.changed', { name: user.name, role: roleText(user.role, lang), state }));
      }),
    );

  command
    .command('link')
    .argument('<name>')
    .option('--json')
    .action((name: string, flags: { json?: boolean }) =>
      withSession(context, async (app) => {
        const link = await linkUser(app, actor, { id: await userId(app, name) });
        if (flags.json) return context.out(JSON.stringify(link));
        context.out(text(lang, 'users.link', { link: addressed(context, link.path) }));
      }),
    );

  command
    .command('sign-out')
    .argument('<name>')
    .option('--json')
    .action((name: string, flags: { json?: boolean }) =>
      withSession(context, async (app) => {
        const result = await endSessions(app, actor, { id: await userId(app, name) });
        if (flags.json) return context.out(JSON.stringify(result));
        context.out(text(lang, 'users.signedOut', { name, ended: result.ended }));
      }),
    );
  return command;
}

/** The word that people have for a role, beside the one that is typed. */
function roleText(role: AppUser['role'], lang: Lang): string {
  return lang === 'zh' && isRole(role) ? `${permissionWords[`role.${role}`].zh}（${role}）` : role;
}

function stateOf(user: AppUser): TextKey {
  if (user.disabledAt !== null) return 'userstate.disabled';
  if (!user.hasPassword) return 'userstate.invited';
  return user.lockedUntil === null ? 'userstate.active' : 'userstate.locked';
}

/** Where the console is, as far as this machine knows. */
function addressed({ config }: CliContext, path: string): string {
  return config.listen === 'off' ? path : `http://${config.listen}${path}`;
}
