import { type Lang, langOf } from '../texts/catalogue.ts';

/**
 * The language for what is wrong with the configuration or with the command line, before they are read: as the option,
 * the environment or the system say.
 */
export function languageOf(args: readonly string[], env: NodeJS.ProcessEnv = process.env): Lang {
  const at = args.lastIndexOf('--lang');
  const flag = at === -1 ? args.find((arg) => arg.startsWith('--lang='))?.slice(7) : args[at + 1];
  return langOf(flag ?? '') ?? langOf(env.HONGYAN_LANG ?? '') ?? systemLanguage(env);
}

/** What the system's locale asks for. */
export function systemLanguage(env: NodeJS.ProcessEnv): Lang {
  return langOf(env.LC_ALL || env.LC_MESSAGES || env.LANG || '') ?? 'en';
}

/** Whether `npx hongyan`, or a script of the clone's own, started this process. */
export function isStartedByNpm(env: NodeJS.ProcessEnv = process.env): boolean {
  return env.npm_command === 'exec' || env.npm_package_name === 'hongyan';
}

/** The time zone that the process was given; Node goes by UTC where it is none. */
export function askedZone(env: NodeJS.ProcessEnv = process.env): string | undefined {
  return env.TZ;
}

/** The trace that this process is a part of, by OpenTelemetry's names for it. */
export function traceOfCaller(env: NodeJS.ProcessEnv = process.env): Record<string, string | undefined> {
  return { traceparent: env.TRACEPARENT, tracestate: env.TRACESTATE };
}
