import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { Command, Option } from 'commander';
import { requireEntrance } from '../../app/access/users.ts';
import { reconnectSimulation } from '../../app/simulation/simulation.ts';
import { errorCode, failure } from '../../base/errors.ts';
import { NightlyBackup } from '../../engine/backup/nightly.ts';
import { startEngine } from '../../engine/engine.ts';
import { isLoopback, parseListen, refuseWeakToken, requireFreeAddress } from '../../server/listen.ts';
import { ProcessMetrics } from '../../server/metrics/process-metrics.ts';
import { type Server, type ServerOptions, startServer } from '../../server/server.ts';
import { text } from '../../texts/ui.ts';
import { type Config, trustedProxies, webhookAllowList } from '../config.ts';
import type { CliContext } from '../context.ts';
import { openKeyFile } from '../input/key-file.ts';
import { type Session, withSession } from '../open.ts';
import { partFlag } from '../parent.ts';
import { answerMetrics } from '../part-metrics.ts';
import { type Senders, startSenders } from '../senders.ts';
import { RunningSimulation } from '../simulation.ts';
import { announce } from './announce.ts';

interface ServeFlags {
  senders: string;
  /** It is a sender of another process. */
  part?: true;
}

/** `hongyan serve`: a node that plans, keeps schedules, delivers, and listens on HTTP. */
export function serveCommand(context: CliContext, version: string): Command {
  return nodeCommand(context, version, 'serve');
}

/** `hongyan worker`: one more node on the same database, which does not listen on HTTP. */
export function workerCommand(context: CliContext, version: string): Command {
  return nodeCommand(context, version, 'worker');
}

function nodeCommand(context: CliContext, version: string, name: 'serve' | 'worker'): Command {
  return new Command(name)
    .addOption(new Option('--senders <n>').default('1'))
    .addOption(new Option(partFlag).hideHelp())
    .action(async (flags: ServeFlags) => {
      if (!/^[1-9]\d?$/.test(flags.senders))
        throw failure('USAGE/option-number', {
          option: '--senders',
          min: 1,
          max: '99',
          value: flags.senders,
        });
      const senders = Number(flags.senders);
      const http = name === 'serve' ? await httpOptions(context) : null;
      return withSession(
        context,
        (session) =>
          run(context, session, { version, role: name, http, senders, isPart: flags.part === true }),
        {
          processes: senders,
          endsItself: true,
        },
      );
    });
}

/** Where to listen and behind which token; refused before anything is started. */
async function httpOptions(
  context: CliContext,
): Promise<Pick<ServerOptions, 'listen' | 'apiToken' | 'trustProxy' | 'tls'> | null> {
  const { config } = context;
  const listen = parseListen(config.listen);
  if (listen === null) return null;
  await requireFreeAddress(listen);
  const { tlsCert: certificate, tlsKey: key } = config;
  if ((certificate === undefined) !== (key === undefined)) throw failure('TLS_UNUSABLE/pair', {});
  const tls = certificate === undefined || key === undefined ? undefined : { certificate, key };
  const apiToken = config.apiToken ?? (await openKeyFile(config.dataDir, 'api.token')).trim();
  refuseWeakToken(apiToken);
  return { listen, apiToken, trustProxy: trustedProxies(config), tls };
}

async function run(
  context: CliContext,
  session: Session,
  options: {
    version: string;
    role: 'serve' | 'worker';
    http: Awaited<ReturnType<typeof httpOptions>>;
    senders: number;
    isPart: boolean;
  },
): Promise<void> {
  const { store, clients } = session;
  const { version, http } = options;
  const { logger } = context;
  // Before anything is started.
  if (http !== null && !isLoopback(http.listen.host))
    await requireEntrance(session, { address: context.config.listen, given: context.config.apiToken });
  const metrics = new ProcessMetrics();
  const simulation =
    http !== null && allowsSimulation(context.config, http)
      ? new RunningSimulation({ directory: join(context.config.dataDir, 'simulation'), logger })
      : null;
  // Before anything is sent to it.
  const isSimulating = (await simulation?.resume()) ?? false;
  const engine = await startEngine({
    store,
    clients,
    logger,
    role: options.role,
    version,
    webhookAllow: webhookAllowList(context.config),
    publicUrl: session.publicUrl,
    databaseDirectory: session.databaseDirectory,
    auditKeepDays: context.config.auditKeepDays,
    processes: options.senders,
    measures: metrics,
    signal: context.signal,
  });
  metrics.watch(() => engine.activity());
  answerMetrics(metrics);
  const backup = options.isPart ? null : nightlyBackup(context, session, version);
  let others: Senders | null = null;
  let server: Server | null = null;
  let drainMs = 0;
  try {
    if (http !== null) {
      server = await startServer({
        processMeasures: async () => [await metrics.json(), ...((await others?.metrics()) ?? [])],
        ...{ ...http, store, clients, engine, logger, version, simulation },
        uploadMaxBytes: context.config.uploadMaxBytes,
        wxRelay: context.config.wxRelay === 'on',
        webhookAllow: webhookAllowList(context.config),
        publicUrl: session.publicUrl,
      });
      drainMs = prepareDrain(context, server);
    }
    if (server !== null) simulation?.listensAt(server.url);
    if (simulation !== null && isSimulating) await reconnectSimulation(session, simulation);
  } catch (error) {
    await backup?.close();
    await engine.stop();
    await simulation?.close();
    throw error;
  }
  // This process is the first sender, and the only one that listens.
  others = startSenders(context, options.senders - 1);
  context.out(text(context.lang, 'serve.started', { version, node: engine.nodeId.slice(0, 8) }));
  // It is at work by then: a database that goes away meanwhile ends it no more than later.
  if (server !== null)
    await announce(context, session, server.url).catch((error: unknown) =>
      logger.warn({ code: errorCode(error) }, 'what to do first could not be said; the next start says it'),
    );
  await aborted(context.signal);
  if (drainMs > 0) {
    context.err(text(context.lang, 'serve.leaving', { seconds: drainMs / 1_000 }));
    // Whoever balances asks every few seconds; until then it sends people here, and they are served.
    await setTimeout(drainMs);
  }
  context.err(text(context.lang, 'serve.stopping'));
  // What is left is for closing the database.
  const ms = context.msLeft() * 0.7;
  const [isClean] = await Promise.all([engine.stop(ms), server?.close(ms), others.stop(), backup?.close()]);
  // It answers what is in flight until then.
  await simulation?.close();
  context.err(text(context.lang, isClean ? 'serve.stopped' : 'serve.stoppedLate'));
  if (!isClean) context.setExit(1);
}

/**
 * How long it goes on once it is to end, ms. Called as soon as it listens: from then on people are sent to it and it may be told
 * to end, whatever else its start still does; a time that is added after that is not added any more.
 */
function prepareDrain({ config, signal, allowMore }: CliContext, server: Server): number {
  // Nobody was sent to it.
  if (signal.aborted) return 0;
  const ms = config.drainSeconds * 1_000;
  allowMore(ms);
  void aborted(signal).then(() => server.leave());
  return ms;
}

/** Null: none is asked for. */
function nightlyBackup(
  { config, logger }: CliContext,
  { store }: Session,
  version: string,
): NightlyBackup | null {
  const { backupDir: directory, backupAt: at, backupKeep: keep } = config;
  if (directory === undefined) return null;
  const backup = new NightlyBackup({ store, logger, version }, { directory, at, keep });
  backup.start();
  return backup;
}

/** By itself only where nobody but whoever sits at this machine could start one. */
function allowsSimulation(config: Config, { listen, tls }: Pick<ServerOptions, 'listen' | 'tls'>): boolean {
  if (config.simulator !== 'auto') return config.simulator === 'on';
  return isLoopback(listen.host) && tls === undefined && config.databaseUrl === undefined;
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
