import { lastDone } from '../../store/access/audit.ts';
import { listAccounts } from '../../store/accounts/accounts.ts';
import { type BackupState, backupState } from '../../store/backup/nightly.ts';
import { type ConnectionNeed, connectionNeed } from '../../store/database/connections.ts';
import { type ClockStep, clockSteps, noteClock } from '../../store/database/steady-clock.ts';
import { type DatabaseFacts, databaseFacts, standbyFacts } from '../../store/installation/database-facts.ts';
import { findUnreadable } from '../../store/installation/rekey.ts';
import { action } from '../action.ts';
import { backup as backupByHand } from '../backup.ts';
import { type AccountCheck, checkAccount } from './account-check.ts';

/** Clocks may differ by so much, ms. */
const mostSkewMs = 5_000;

/** What of an installation can be wrong without that anything fails yet. */
export interface InstallationCheck {
  database: Pick<DatabaseFacts, 'version' | 'encoding' | 'megabytes' | 'migration'>;
  /** Not ok: a crash forgets who was messaged. */
  durability: { ok: boolean; fsync: string; synchronousCommit: string };
  /** What the database does not tell, without which a restore may go unnoticed. */
  restores: { ok: boolean; blindSpots: readonly string[] };
  /** How far this machine's clock is from the database's. */
  clock: { ok: boolean; skewMs: number };
  /** Changes of the database's clock in the last 24 hours; one backwards is not ok. */
  clockSteps: { ok: boolean; steps: ClockStep[] };
  /** Connections that the nodes which work now may use, and the server's; not ok: some will have to wait. */
  connections: { ok: boolean } & ConnectionNeed;
  /** Whether a failover to a standby goes on by itself: each commit waits for every standby. */
  failover: { standbys: number | null; isSynchronous: boolean };
  /**
   * Whether everything that is sealed opens; `unreadable` names what does not, as `table.column KEY`. `byKey`: how many values
   * are sealed with each key that this process has, the one that it seals with first; others may be dropped at 0.
   */
  secrets: { ok: boolean; count: number; unreadable: string[]; byKey: { key: string; count: number }[] };
  /**
   * Of the backups that nodes make every day, and the last `hongyan backup` that the audit knows. Not ok: the newest attempt of
   * a day failed.
   */
  backup: { ok: boolean; byHand: Date | null } & BackupState;
  accounts: AccountCheck[];
}

/** Looks at database, clocks and accounts; asks WeChat once for each account that the actor may see. */
export const checkInstallation = action<Record<string, never>, InstallationCheck>(
  { name: 'installation.check', permission: 'node.read', audit: 'none' },
  async (app, _input, { actor }) => {
    const { pool, installation } = app.store;
    const facts = await databaseFacts(pool);
    const skewMs = Math.abs(facts.clockMs - Date.now());
    await noteClock(pool);
    const steps = await clockSteps(pool, 1);
    const connections = await connectionNeed(pool);
    const backup = await backupState(pool);
    const sealed = await findUnreadable(pool, app.store.sealer);
    const { blindSpots } = installation.guard;
    const seen = (await listAccounts(pool)).filter(
      ({ appid }) => actor.accounts === 'all' || actor.accounts.has(appid),
    );
    const { version, encoding, megabytes, migration, fsync, synchronousCommit } = facts;
    return {
      database: { version, encoding, megabytes, migration },
      durability: { ok: fsync === 'on' && synchronousCommit !== 'off', fsync, synchronousCommit },
      restores: { ok: blindSpots.length === 0, blindSpots },
      clock: { ok: skewMs < mostSkewMs, skewMs },
      clockSteps: { ok: steps.every(({ ms }) => ms > 0), steps },
      connections: { ok: connections.wanted <= connections.usable, ...connections },
      failover: await standbyFacts(pool),
      secrets: {
        ...sealed,
        ok: sealed.unreadable.length === 0,
        byKey: app.store.sealer.keyIds.map((key) => ({ key, count: sealed.byKey[key] ?? 0 })),
      },
      backup: {
        ok: backup.failed === null,
        byHand: await lastDone(pool, backupByHand.spec.name),
        ...backup,
      },
      accounts: await Promise.all(seen.map((account) => checkAccount(app, account, mostSkewMs))),
    };
  },
);
