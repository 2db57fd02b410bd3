/** Reads changed recipient files without end, for ../chaos/recipient-fuzz.chaos.ts: `fuzz-recipients.ts SEED DIRECTORY`. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readFuzzed, recipientFuzz } from './recipient-fuzz.ts';

const [, , seed = '0', directory = ''] = process.argv;
const fuzz = recipientFuzz(Number(seed));
for (let n = 0; ; n++) {
  const file = fuzz.next();
  // Before it is read, so that whoever watches knows which one takes too long, or ended the process.
  process.stdout.write(
    `${JSON.stringify({ n, what: file.mutation, options: file.options, bytes: file.bytes.length })}\n`,
  );
  const start = performance.now();
  let path: string | undefined;
  if (n % 2 === 0) {
    path = join(directory, file.name);
    writeFileSync(path, file.bytes);
  }
  const code = await readFuzzed(file, path);
  if (path !== undefined) rmSync(path);
  process.stdout.write(`${JSON.stringify({ n, code, ms: Math.round(performance.now() - start) })}\n`);
}
