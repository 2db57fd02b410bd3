import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Command } from 'commander';
import { backup, restore } from '../../app/backup.ts';
import { errorCode } from '../../base/errors.ts';
import { parseSecretKey } from '../../base/seal.ts';
import { text } from '../../texts/ui.ts';
import type { CliContext } from '../context.ts';
import { keepKeyFile, readKeyFile } from '../input/key-file.ts';
import { withDatabase, withSession } from '../open.ts';

/** `hongyan backup FILE`. */
export function backupCommand(context: CliContext, version: string): Command {
  const { config, lang, signal } = context;
  return new Command('backup')
    .argument('<file>')
    .option('--with-key')
    .option('--json')
    .action((path: string, flags: { withKey?: boolean; json?: boolean }) =>
      withSession(context, async (app) => {
        const keyPath = join(config.dataDir, 'secret.key');
        const key = flags.withKey ? (config.secretKey ?? (await readFile(keyPath, 'utf8'))) : null;
        const done = await backup(app, context.actor, {
          ...{ path, version, signal },
          key: key === null ? null : parseSecretKey(key).toString('base64'),
        });
        if (flags.json) return context.out(JSON.stringify(done));
        const { file, rows, tables, madeAt } = done;
        context.out(text(lang, 'backup.done', { file, rows, tables, madeAt }));
        if (done.hasKey) context.out(text(lang, 'backup.keyInside'));
        else if (config.secretKey === undefined)
          context.out(text(lang, 'backup.keyOutside', { path: keyPath }));
        else context.out(text(lang, 'backup.keyOfEnvironment'));
      }),
    );
}

/** `hongyan restore FILE`. */
export function restoreCommand(context: CliContext): Command {
  const { config, lang, signal } = context;
  return new Command('restore')
    .argument('<file>')
    .option('--json')
    .action(async (path: string, flags: { json?: boolean }) => {
      const given = config.secretKey ?? (await keyOf(config.dataDir));
      const key = given === null ? null : parseSecretKey(given);
      const { secretKeyPrevious: previous } = config;
      const previousKey = previous === undefined ? null : parseSecretKey(previous);
      const keepKey = (one: Buffer): Promise<void> => keepKeyFile(config.dataDir, 'secret.key', one);
      const done = await withDatabase(context, (pool) =>
        restore(pool, { path, key, previousKey, keepKey, signal }),
      );
      if (flags.json) return context.out(JSON.stringify(done));
      const { rows, tables, madeAt, paused } = done;
      context.out(text(lang, 'restore.done', { rows, tables, madeAt }));
      if (paused.length > 0)
        context.out(text(lang, 'restore.paused', { count: paused.length, ids: paused.map(String) }));
      context.out(text(lang, 'restore.next'));
    });
}

/** Null where there is none yet: it is not made, as at a first start. */
async function keyOf(dataDir: string): Promise<string | null> {
  return await readKeyFile(join(dataDir, 'secret.key')).catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return null;
    throw error;
  });
}
