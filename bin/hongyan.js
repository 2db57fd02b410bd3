#!/usr/bin/env node
// Plain JavaScript that any Node can read, so that an old one gets a sentence instead of a syntax error.
import { existsSync, statSync } from 'node:fs';
import module from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 19)) {
  // The catalogue is TypeScript, which this Node cannot read; the language is chosen as src/cli/environment.ts does.
  const { HONGYAN_LANG, LC_ALL, LC_MESSAGES, LANG } = process.env;
  process.stderr.write(
    /^zh/i.test(HONGYAN_LANG || LC_ALL || LC_MESSAGES || LANG || '')
      ? `鸿雁需要 Node.js 22.19 或更高版本，当前为 ${process.version}。在克隆的仓库里，npx hongyan 和 npm run hongyan -- 会使用 npm ci 带来的 Node.js。\n`
      : `hongyan needs Node.js 22.19 or newer, and this is ${process.version}. ` +
          'In a clone, "npx hongyan" and "npm run hongyan --" use the Node.js that npm ci brought.\n',
  );
  process.exit(1);
}
keepCompiled();
// A clone runs its sources, so that nobody tests a stale build; the published package has only dist.
const source = new URL('../src/cli/main.ts', import.meta.url);
const { main } = await import(
  existsSync(fileURLToPath(source)) ? source.href : new URL('../dist/cli/main.js', import.meta.url).href
);
// Left alone, V8 lets the young generation grow to 128 MB on a large machine, all of it garbage here. Loading has
// brought it to a size that serves; it stays there.
setFlagsFromString('--semi-space-growth-factor=1');
await main(process.argv.slice(2));

/**
 * What was compiled is kept for the next command, which then takes a third of the time. Only in a home of our own: whoever
 * can write there could have us run anything. Not in the system's directory for temporary files, Node's default, for the same reason.
 */
function keepCompiled() {
  try {
    const home = homedir();
    if (process.getuid !== undefined && statSync(home).uid !== process.getuid()) return;
    const caches = process.env.XDG_CACHE_HOME || join(home, '.cache');
    module.enableCompileCache?.(join(caches, 'hongyan'));
  } catch {
    // No home, nothing kept.
  }
}
