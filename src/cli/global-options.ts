import { failure } from '../base/errors.ts';
import { langOf } from '../texts/catalogue.ts';
import type { Config } from './config.ts';

/** Options of every command, which stand before or after it. */
const names = { '--data-dir': 'dataDir', '--lang': 'lang', '--log-level': 'logLevel' } as const;
/** The language of a message to a Mini Program, an option of two commands: `push --lang zh_CN`. */
const messageLanguage = /^[a-z]{2}_[A-Z]{2}$/;

/**
 * Takes the options of every command out of the arguments, wherever they stand: the configuration is needed, and the
 * language known, before a command is built. Loading the configuration checks their values.
 */
export function takeGlobalOptions(args: readonly string[]): { flags: Partial<Config>; rest: string[] } {
  const flags: Record<string, string> = {};
  const rest: string[] = [];
  for (let at = 0; at < args.length; at++) {
    const arg = args[at] ?? '';
    if (arg === '--') return { flags, rest: [...rest, ...args.slice(at)] };
    const [name = '', ...values] = arg.split('=');
    if (!isGlobal(name)) {
      rest.push(arg);
      continue;
    }
    const value = values.length > 0 ? values.join('=') : args[at + 1];
    if (name === '--lang' && rest.length > 0 && messageLanguage.test(value ?? '')) {
      rest.push(arg);
      continue;
    }
    if (value === undefined)
      throw failure('USAGE/option-value-missing', { command: 'hongyan', option: name });
    if (values.length === 0) at++;
    if (name === '--lang' && langOf(value) === null)
      throw failure('USAGE/option-value', { command: 'hongyan', option: name, value, choices: ['en', 'zh'] });
    flags[names[name]] = name === '--lang' ? (langOf(value) ?? value) : value;
  }
  return { flags: flags as Partial<Config>, rest }; // loadConfig checks the values
}

function isGlobal(name: string): name is keyof typeof names {
  return Object.hasOwn(names, name);
}
