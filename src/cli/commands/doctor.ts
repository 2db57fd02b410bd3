import { Command } from 'commander';
import { HongyanError } from '../../base/errors.ts';
import { listAccounts } from '../../store/accounts/accounts.ts';
import { databaseFacts } from '../../store/database/facts.ts';
import { liveNodes } from '../../store/database/nodes.ts';
import type { Pool } from '../../store/database/pool.ts';
import { clockSteps, noteClock } from '../../store/database/steady-clock.ts';
import { count } from '../../texts/catalogue.ts';
import { networkCalls } from '../../wechat/calls/network.ts';
import { errcodeInfo } from '../../wechat/errcodes/errcodes.ts';
import { WechatError } from '../../wechat/error.ts';
import { type Config, type loadConfig, secretKeys } from '../config.ts';
import type { CliContext } from '../context.ts';
import { withSession } from '../open.ts';
import { describeError } from '../output/describe-error.ts';

/** One line of the examination. */
interface Finding {
  what: string;
  ok: boolean;
  detail: string;
}

export function doctorCommand(
  context: CliContext,
  loaded: { sources: ReturnType<typeof loadConfig>['sources']; file: string | null },
): Command {
  return new Command('doctor').option('--json').action(async (options: { json?: boolean }) => {
    const findings: Finding[] = [];
    const say = (finding: Finding): void => {
      findings.push(finding);
      if (!options.json) context.out(`${finding.ok ? 'ok  ' : 'BAD '} ${finding.what}: ${finding.detail}`);
    };
    say({ what: 'node', ok: true, detail: `${process.version} on ${process.platform}-${process.arch}` });
    say({ what: 'config file', ok: true, detail: loaded.file ?? 'none' });
    for (const key of Object.keys(context.config) as (keyof Config)[]) {
      // its keys are those of Config
      const value = secretKeys.has(key) ? '(set, not shown)' : withoutPassword(String(context.config[key]));
      say({ what: `config ${key}`, ok: true, detail: `${value} (${loaded.sources[key] ?? 'default'})` });
    }
    try {
      await examine(context, say);
    } catch (error) {
      say({ what: 'database', ok: false, detail: describeError(error, context.signal).line });
    }
    if (options.json) context.out(JSON.stringify({ ok: findings.every((one) => one.ok), findings }));
    if (findings.some((one) => !one.ok)) context.setExit(1);
  });
}

/** An address without its user and password: a proxy may carry both. */
function withoutPassword(value: string): string {
  if (!URL.canParse(value)) return value;
  const url = new URL(value);
  if (url.username === '' && url.password === '') return value;
  url.username = '***';
  url.password = '';
  return url.href;
}

async function examine(context: CliContext, say: (finding: Finding) => void): Promise<void> {
  await withSession(context, async ({ store, clients }) => {
    const facts = await databaseFacts(store.pool);
    say({
      what: 'database',
      ok: true,
      detail: `PostgreSQL ${facts.version}, ${facts.encoding}, ${count(facts.megabytes)} MB, migration ${facts.migration}`,
    });
    say({
      what: 'durability',
      ok: facts.fsync === 'on' && facts.synchronousCommit !== 'off',
      detail: `fsync ${facts.fsync}, synchronous_commit ${facts.synchronousCommit}; both must be on, or a crash forgets who was messaged`,
    });
    const { blindSpots } = store.installation.guard;
    say({
      what: 'restores',
      ok: blindSpots.length === 0,
      detail:
        blindSpots.length === 0
          ? 'a restore or failover of the database is noticed'
          : `the database does not tell its ${blindSpots.join(', ')}; a process that starts on a restored one may not notice it: pause the campaigns before you restore`,
    });
    const skewMs = Math.abs(facts.clockMs - Date.now());
    say({ what: 'clock', ok: skewMs < 5_000, detail: `${Math.round(skewMs)} ms from the database's` });
    say(await examineSteps(store.pool));
    const nodes = await liveNodes(store.pool);
    say({
      what: 'workers',
      ok: true,
      detail:
        nodes.length === 0
          ? 'none running; push delivers by itself'
          : nodes.map((one) => `${one.role} ${one.host}:${one.pid}`).join(', '),
    });
    for (const account of await listAccounts(store.pool)) {
      say(await examineAccount(account.appid, await clients.get(account.appid)));
    }
  });
}

/** A clock that was set back lately will be again, unless somebody looks after it. */
async function examineSteps(pool: Pool): Promise<Finding> {
  await noteClock(pool);
  const steps = await clockSteps(pool, 1);
  const said = steps.map(({ ms, noticedAt }) => {
    const seconds = count(Math.round(Math.abs(ms) / 1000));
    const how = ms < 0 ? 'set back' : 'set forward, or the machine slept,';
    return `${how} by ${seconds} s (noticed at ${noticedAt.toISOString()})`;
  });
  return {
    what: 'clock steps',
    ok: steps.every(({ ms }) => ms > 0),
    detail:
      said.length === 0
        ? "the database's clock was not set in the last 24 hours"
        : `the database's clock was ${said.join(', ')}; keep it by NTP`,
  };
}

async function examineAccount(appid: string, client: Parameters<typeof callbackIps>[0]): Promise<Finding> {
  try {
    await callbackIps(client);
    return { what: `account ${appid}`, ok: true, detail: 'WeChat accepts its credentials from this machine' };
  } catch (error) {
    if (error instanceof WechatError) {
      return {
        what: `account ${appid}`,
        ok: false,
        detail: `${error.errcode} ${error.errmsg} – ${errcodeInfo(error.errcode, error.path).en}`,
      };
    }
    if (error instanceof HongyanError) return { what: `account ${appid}`, ok: false, detail: error.message };
    throw error;
  }
}

async function callbackIps(client: { call: Parameters<typeof networkCalls>[0] }): Promise<void> {
  await networkCalls(client.call).callbackIps();
}
