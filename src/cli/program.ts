import { Command, Option } from 'commander';
import { accountsCommand } from './commands/accounts.ts';
import { auditCommand } from './commands/audit.ts';
import { callbackCommand } from './commands/callback.ts';
import { campaignsCommand } from './commands/campaigns.ts';
import { creditsCommand } from './commands/credits.ts';
import { deliveriesCommand } from './commands/deliveries.ts';
import { demoCommand } from './commands/demo.ts';
import { doctorCommand } from './commands/doctor.ts';
import { eventsCommand } from './commands/events.ts';
import { followersCommand } from './commands/followers.ts';
import { keysCommand } from './commands/keys.ts';
import { messagesCommand } from './commands/messages.ts';
import { pushCommand } from './commands/push.ts';
import { quotaCommand } from './commands/quota.ts';
import { rateCommand } from './commands/rate.ts';
import { schedulesCommand } from './commands/schedules.ts';
import { sendCommand } from './commands/send.ts';
import { serveCommand, workerCommand } from './commands/serve.ts';
import { simulateCommand } from './commands/simulate.ts';
import { suppressCommand } from './commands/suppress.ts';
import { templatesCommand } from './commands/templates.ts';
import { usersCommand } from './commands/users.ts';
import { webhooksCommand } from './commands/webhooks.ts';
import type { loadConfig } from './config.ts';
import type { CliContext } from './context.ts';
import { addHelp } from './help.ts';
import { usageFailure } from './usage.ts';

/**
 * All commands, with their help in the reader's language unless it is left out. What is wrong with a command line is
 * thrown as `USAGE`.
 */
export function createProgram(
  context: CliContext,
  loaded: Pick<ReturnType<typeof loadConfig>, 'sources' | 'file'>,
  version: string,
  options = { help: true },
): Command {
  const program = new Command('hongyan')
    .version(version)
    // Taken out of the arguments before (takeGlobalOptions); here for the help.
    .addOption(new Option('--data-dir <directory>'))
    .addOption(new Option('--lang <lang>').choices(['en', 'zh']))
    .addOption(new Option('--log-level <level>'));
  const commands = [
    accountsCommand(context),
    followersCommand(context),
    templatesCommand(context),
    pushCommand(context, version),
    campaignsCommand(context, version),
    sendCommand(context, version),
    messagesCommand(context),
    deliveriesCommand(context),
    schedulesCommand(context),
    suppressCommand(context),
    creditsCommand(context),
    rateCommand(context),
    quotaCommand(context),
    webhooksCommand(context),
    callbackCommand(context),
    eventsCommand(context),
    usersCommand(context),
    keysCommand(context),
    auditCommand(context),
    serveCommand(context, version),
    workerCommand(context, version),
    simulateCommand(context),
    doctorCommand(context, loaded),
    demoCommand(context, version),
  ];
  for (const command of commands) program.addCommand(command);
  throwUsage(program);
  if (options.help) addHelp(program, context.lang);
  return program;
}

/** Subcommands do not inherit these settings when they are added ready-made. */
function throwUsage(command: Command): void {
  command.configureOutput({ outputError: () => {} }).exitOverride((error) => {
    throw usageFailure(error, command) ?? error;
  });
  for (const child of command.commands) throwUsage(child);
}
