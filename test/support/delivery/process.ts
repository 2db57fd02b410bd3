import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { Pool } from '../../../src/store/database/pool.ts';
import { until } from '../cli.ts';

/**
 * Of a process that is killed: no busy machine outlasts it before that, and then it is ended (`Child.killed`). One that is stopped
 * waits for its end, since its own clocks have to see it.
 */
export const childLeaseMs = { SIGKILL: 20_000, SIGSTOP: 3_000 };

/** A delivering process (`child.ts`). */
export class Child {
  readonly process: ChildProcess;
  readonly ended: Promise<NodeJS.Signals | null>;
  readonly #nodeId: string;
  readonly #pool: Pool;

  constructor(child: ChildProcess, nodeId: string, pool: Pool) {
    this.process = child;
    this.#nodeId = nodeId;
    this.#pool = pool;
    this.ended = once(child, 'exit').then(([, ended]) => ended);
  }

  /** It raised SIGKILL at its point; its leases are over. */
  async killed(): Promise<void> {
    await until(
      'the process is killed',
      async () => this.process.signalCode !== null || this.process.exitCode !== null,
    );
    assert.equal(await this.ended, 'SIGKILL');
    // What it had begun its server carries through after its death, and that could begin a lease anew.
    await until('its connections have ended', async () => {
      const { rows } = await this.#pool.query(
        'select 1 from pg_stat_activity where datname = current_database() and application_name = $1',
        [this.#nodeId],
      );
      return rows.length === 0;
    });
    for (const statement of [
      'update chunks set lease_until = least(lease_until, steady_now()) where owner = $1',
      'update nodes set lease_until = least(lease_until, steady_now()) where id = $1',
    ])
      await this.#pool.query(statement, [this.#nodeId]);
  }

  /** It raised SIGSTOP at its point. */
  async stopped(): Promise<void> {
    await until('the process is stopped', async () => {
      assert.equal(this.process.exitCode, null, 'it ended instead of stopping');
      const stat = await readFile(`/proc/${this.process.pid}/stat`, 'utf8');
      return stat.slice(stat.lastIndexOf(')') + 2).startsWith('T');
    });
  }

  go(): void {
    this.process.kill('SIGCONT');
  }

  async kill(): Promise<void> {
    this.process.kill('SIGKILL');
    await this.ended;
  }
}

/** Its connections have the name of its node. */
export function namedUrl(databaseUrl: string, nodeId: string): string {
  const url = new URL(databaseUrl);
  url.searchParams.set('application_name', nodeId);
  return url.href;
}
