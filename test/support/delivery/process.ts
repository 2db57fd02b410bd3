import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { until } from '../cli.ts';

/** A delivering process (`child.ts`). */
export class Child {
  readonly process: ChildProcess;
  readonly ended: Promise<NodeJS.Signals | null>;

  constructor(child: ChildProcess) {
    this.process = child;
    this.ended = once(child, 'exit').then(([, ended]) => ended);
  }

  /** It raised SIGKILL at its point. */
  async killed(): Promise<void> {
    await until(
      'the process is killed',
      async () => this.process.signalCode !== null || this.process.exitCode !== null,
    );
    assert.equal(await this.ended, 'SIGKILL');
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
