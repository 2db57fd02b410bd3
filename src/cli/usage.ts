import { Command, CommanderError, Option } from 'commander';
import { failure, type HongyanError } from '../base/errors.ts';

/**
 * What commander found wrong with a command line, as an error of ours: in the reader's language, in JSON for those who
 * asked for it, and without the values of options that it does not know and of arguments too many. `--secret=…` is a
 * common guess, and what is printed ends up in the logs of CI.
 *
 * Null where nothing is wrong: help and the version end a command line too.
 */
export function usageFailure(error: CommanderError, command: Command): HongyanError | null {
  const path = commandPath(command);
  const found = (pattern: RegExp): string[] => pattern.exec(error.message)?.slice(1) ?? [];
  const similar = found(/\n\(Did you mean (?:one of )?(.*)\?\)$/s)[0];
  switch (error.code) {
    case 'commander.unknownOption': {
      const option = withoutValue(found(/^error: unknown option '(.*?)'(?:\n\(Did you.*)?$/s)[0] ?? '');
      return similar === undefined
        ? failure('USAGE/unknown-option', { command: path, option })
        : failure('USAGE/unknown-option-similar', { command: path, option, similar });
    }
    case 'commander.unknownCommand': {
      const [name = ''] = found(/^error: unknown command '(.*?)'(?:\n\(Did you.*)?$/s);
      return similar === undefined
        ? failure('USAGE/unknown-command', { command: path, name })
        : failure('USAGE/unknown-command-similar', { command: path, name, similar });
    }
    case 'commander.missingArgument':
      return failure('USAGE/argument-missing', { command: path, name: found(/'(.*)'$/s)[0] ?? '' });
    case 'commander.missingMandatoryOptionValue':
      // commander looks for what is missing first: `--tempalte` would be told as a missing `--template`.
      return (
        mistyped(command) ??
        failure('USAGE/option-missing', { command: path, option: found(/'(.*)'/s)[0] ?? '' })
      );
    case 'commander.optionMissingArgument':
      return failure('USAGE/option-value-missing', { command: path, option: found(/'(.*)'/s)[0] ?? '' });
    case 'commander.conflictingOption': {
      const [option = '', other = ''] = found(/'(.*)' cannot be used with \w+ '(.*)'$/s);
      return failure('USAGE/options-exclude', { command: path, option, other });
    }
    case 'commander.excessArguments': {
      const [expected = '', got = ''] = found(/Expected (\d+) arguments? but got (\d+)/);
      return failure('USAGE/arguments-too-many', { command: path, expected, got });
    }
    case 'commander.invalidArgument': {
      const [option = '', value = ''] = found(/^error: option '(.*?)' argument '(.*)' is invalid\. /s);
      const choices = command.options.find(({ flags }) => flags === option)?.argChoices;
      if (choices === undefined) break;
      return failure('USAGE/option-value', { command: path, option: nameOf(option), value, choices });
    }
    case 'commander.help':
      // Shown because a command of several was called without naming one.
      return error.exitCode === 0 ? null : failure('USAGE/command-missing', { command: path });
  }
  if (error.exitCode === 0) return null;
  return failure('USAGE/command-line', { command: path, message: error.message }, { cause: error });
}

/** The first option that the command does not have, as commander tells it, with the nearest one. */
function mistyped(command: Command): HongyanError | null {
  const option = command.args.find((arg) => /^-[^\d]/.test(arg));
  if (option === undefined) return null;
  const asked = new Command().exitOverride().configureOutput({ outputError: () => {} });
  for (const { flags } of command.options) asked.addOption(new Option(flags));
  try {
    asked.action(() => {}).parse([option], { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) return usageFailure(error, command);
    throw error;
  }
  return null;
}

/** `hongyan accounts add`. */
export function commandPath(command: Command): string {
  return command.parent === null ? command.name() : `${commandPath(command.parent)} ${command.name()}`;
}

/** `--secret=abc` → `--secret=…`, `-sabc` → `-s…`. */
export function withoutValue(option: string): string {
  return option.replace(/^(--[^=]*=).*$/s, '$1…').replace(/^(-[^-]).+$/s, '$1…');
}

/** `--format <format>` → `--format`. */
function nameOf(flags: string): string {
  return /--[\w-]+/.exec(flags)?.[0] ?? flags;
}
