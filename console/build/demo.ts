/** `npm run demo`: `hongyan demo`, in a clone whose pages may not have been built yet. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const args = process.argv.slice(2);

if (args.includes('--open') && !existsSync(new URL('../../dist/console/console.html', import.meta.url))) {
  const vite = fileURLToPath(new URL('../../node_modules/vite/bin/vite.js', import.meta.url));
  const build = [vite, 'build', '-c', 'console/build/vite.config.ts', '--logLevel', 'warn'];
  const { status } = spawnSync(process.execPath, build, { cwd: root, stdio: ['ignore', 2, 2] });
  if (status !== 0) process.exit(status ?? 1);
}
process.argv.splice(2, args.length, 'demo', ...args);
await import(new URL('../../bin/hongyan.js', import.meta.url).href);
