#!/usr/bin/env node
// Plain JavaScript that any Node can read, so that an old one gets a sentence instead of a syntax error.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 19)) {
  process.stderr.write(
    `hongyan needs Node 22.19 or newer, and this is ${process.version}. ` +
      'In a clone, "npx hongyan" and "npm run hongyan --" use the Node that npm ci brought.\n',
  );
  process.exit(1);
}
// A clone runs its sources, so that nobody tests a stale build; the published package has only dist.
const source = new URL('../src/cli/main.ts', import.meta.url);
const { main } = await import(
  existsSync(fileURLToPath(source)) ? source.href : new URL('../dist/cli/main.js', import.meta.url).href
);
// Left alone, V8 lets the young generation grow to 128 MB on a large machine, all of it garbage here. Loading has
// brought it to a size that serves; it stays there.
setFlagsFromString('--semi-space-growth-factor=1');
await main(process.argv.slice(2));
