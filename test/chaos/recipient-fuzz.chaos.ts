/** The long form of ../recipient-fuzz.test.ts, ten minutes: `npm run test:chaos`. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const child = fileURLToPath(new URL('../support/audience/fuzz-recipients.ts', import.meta.url));
const forMs = Number(process.env.HONGYAN_FUZZ_MS ?? 10 * 60_000);
/** Of JavaScript objects; a file that needs more ends the process, and so the test. */
const heapMb = 150;
/** Of the whole process at its highest, buffers and code included. */
const peakMb = 600;
/** For one file of at most some megabytes, most of which take a few milliseconds, on a busy machine. */
const mostMs = 20_000;

test('ten minutes of changed recipient files: read or refused, within 150 MB of heap and 20 s each', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'hongyan-fuzz-'));
  const seed = Date.now() % 2 ** 31;
  t.diagnostic(`seed ${seed}`);
  const reader = spawn(process.execPath, [`--max-old-space-size=${heapMb}`, child, String(seed), directory], {
    // Temporary copies lie there too, so that what is left of them is seen.
    env: { ...process.env, TMPDIR: directory },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let errors = '';
  reader.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  const exited = once(reader, 'exit');
  let last = '';
  let since = performance.now();
  let files = 0;
  let longest = { ms: 0, what: '' };
  const codes = new Map<string, number>();
  createInterface({ input: reader.stdout }).on('line', (line) => {
    since = performance.now();
    const { code, ms } = JSON.parse(line);
    if (code === undefined) last = line;
    else {
      files++;
      codes.set(code, (codes.get(code) ?? 0) + 1);
      if (ms > longest.ms) longest = { ms, what: last };
    }
  });
  try {
    const end = performance.now() + forMs;
    let peak = 0;
    while (performance.now() < end) {
      const ended = await Promise.race([
        exited.then(() => true),
        new Promise<false>((resolve) => setTimeout(resolve, 250, false)),
      ]);
      assert.ok(!ended, `the reader ended at ${last}:\n${errors.slice(-3000)}`);
      assert.ok(performance.now() - since < mostMs, `over ${mostMs} ms: ${last}`);
      if (!existsSync(`/proc/${reader.pid}/status`)) continue;
      const status = await readFile(`/proc/${reader.pid}/status`, 'utf8');
      peak = Math.max(peak, Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1]) / 1024);
      assert.ok(peak < peakMb, `${peak} MB: ${last}`);
    }
    t.diagnostic(
      `${files} files, at most ${Math.round(peak)} MB, the longest ${longest.ms} ms (${longest.what}); ${JSON.stringify([...codes])}`,
    );
    assert.ok(files > 1000, `${files} files`);
    reader.kill();
    await exited;
    const left = (await readdir(directory)).filter((name) => name.startsWith('hongyan-recipients-'));
    // Of the file that was being read when it was stopped.
    assert.ok(left.length <= 1, `temporary copies are left: ${left.join()}`);
  } finally {
    reader.kill('SIGKILL');
    await rm(directory, { recursive: true, force: true });
  }
});
