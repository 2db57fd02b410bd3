import { Command, Option } from 'commander';
import type { loadConfig } from './config.ts';
import type { CliContext } from './context.ts';
import { addHelp } from './help.ts';
import { usageFailure } from './usage.ts';

interface Needed {
  context: CliContext;
  loaded: Pick<ReturnType<typeof loadConfig>, 'sources' | 'file'>;
  version: string;
}

/** Every command, in the order of the help. One is loaded when it is called: all of them take half a second. */
const commands: Readonly<Record<string, (needed: Needed) => Promise<Command>>> = {
  accounts: async ({ context }) => (await import('./commands/accounts/accounts.ts')).accountsCommand(context),
  followers: async ({ context }) =>
    (await import('./commands/accounts/followers.ts')).followersCommand(context),
  tags: async ({ context }) => (await import('./commands/accounts/tags.ts')).tagsCommand(context),
  filters: async ({ context }) => (await import('./commands/accounts/filters.ts')).filtersCommand(context),
  templates: async ({ context }) =>
    (await import('./commands/accounts/templates.ts')).templatesCommand(context),
  push: async ({ context, version }) =>
    (await import('./commands/campaigns/push.ts')).pushCommand(context, version),
  campaigns: async ({ context, version }) =>
    (await import('./commands/campaigns/campaigns.ts')).campaignsCommand(context, version),
  send: async ({ context, version }) =>
    (await import('./commands/messages/send.ts')).sendCommand(context, version),
  messages: async ({ context }) => (await import('./commands/messages/messages.ts')).messagesCommand(context),
  deliveries: async ({ context }) =>
    (await import('./commands/messages/deliveries.ts')).deliveriesCommand(context),
  schedules: async ({ context }) =>
    (await import('./commands/campaigns/schedules.ts')).schedulesCommand(context),
  suppress: async ({ context }) => (await import('./commands/accounts/suppress.ts')).suppressCommand(context),
  credits: async ({ context }) => (await import('./commands/credits.ts')).creditsCommand(context),
  rate: async ({ context }) => (await import('./commands/accounts/rate.ts')).rateCommand(context),
  quota: async ({ context }) => (await import('./commands/accounts/quota.ts')).quotaCommand(context),
  webhooks: async ({ context }) => (await import('./commands/webhooks.ts')).webhooksCommand(context),
  alerts: async ({ context }) => (await import('./commands/alerts.ts')).alertsCommand(context),
  callback: async ({ context }) => (await import('./commands/events/callback.ts')).callbackCommand(context),
  events: async ({ context }) => (await import('./commands/events/events.ts')).eventsCommand(context),
  users: async ({ context }) => (await import('./commands/access/users.ts')).usersCommand(context),
  keys: async ({ context }) => (await import('./commands/access/keys.ts')).keysCommand(context),
  audit: async ({ context }) => (await import('./commands/access/audit.ts')).auditCommand(context),
  rekey: async ({ context }) => (await import('./commands/rekey.ts')).rekeyCommand(context),
  backup: async ({ context, version }) =>
    (await import('./commands/backup.ts')).backupCommand(context, version),
  restore: async ({ context }) => (await import('./commands/backup.ts')).restoreCommand(context),
  mcp: async ({ context }) => (await import('./commands/mcp.ts')).mcpCommand(context),
  serve: async ({ context, version }) => (await import('./commands/serve.ts')).serveCommand(context, version),
  worker: async ({ context, version }) =>
    (await import('./commands/serve.ts')).workerCommand(context, version),
  simulate: async ({ context }) => (await import('./commands/simulate.ts')).simulateCommand(context),
  doctor: async ({ context, loaded }) =>
    (await import('./commands/doctor.ts')).doctorCommand(context, loaded),
  verify: async ({ context, version }) =>
    (await import('./commands/verify.ts')).verifyCommand(context, version),
  demo: async ({ context, version }) => (await import('./commands/demo.ts')).demoCommand(context, version),
};

/**
 * The program with the command that the arguments call, or with all where they call none: for the help their names are
 * enough, unless they are asked for. What is wrong with a command line is thrown as `USAGE`.
 */
export async function createProgram(
  needed: Needed | { context: Pick<CliContext, 'lang'>; version: string },
  args: readonly string[],
  options: { help?: boolean; all?: boolean; print?: (text: string) => void } = {},
): Promise<Command> {
  const program = new Command('hongyan')
    .version(needed.version)
    // Taken out of the arguments before (takeGlobalOptions); here for the help.
    .addOption(new Option('--data-dir <directory>'))
    .addOption(new Option('--lang <lang>').choices(['en', 'zh']))
    .addOption(new Option('--log-level <level>'));
  const words = args.filter((arg) => !arg.startsWith('-'));
  const called = words[0] === 'help' ? words[1] : words[0];
  const isOne = options.all !== true && called !== undefined && Object.hasOwn(commands, called);
  for (const [name, load] of Object.entries(commands)) {
    if (isOne && name !== called) continue;
    const isLoaded = 'loaded' in needed && (isOne || options.all === true);
    program.addCommand(isLoaded ? await load(needed) : new Command(name));
  }
  throwUsage(program, options.print);
  if (options.help !== false) addHelp(program, needed.context.lang);
  return program;
}

/** Subcommands do not inherit these settings when they are added ready-made. */
function throwUsage(command: Command, print?: (text: string) => void): void {
  command
    .configureOutput({ outputError: () => {}, ...(print === undefined ? {} : { writeOut: print }) })
    .exitOverride((error) => {
      throw usageFailure(error, command) ?? error;
    });
  for (const child of command.commands) throwUsage(child, print);
}
