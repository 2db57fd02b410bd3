import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Command } from 'commander';
import { finishRekey, type Rekeyed, rekey } from '../../app/rekey.ts';
import { errorCode, failure } from '../../base/errors.ts';
import { text } from '../../texts/ui.ts';
import type { CliContext } from '../context.ts';
import { nextKeys, openNewKeyFile, settleKeys, writeNextKey } from '../input/next-key.ts';
import { type Session, withLastingSession, withSession } from '../open.ts';

interface Flags {
  newKeyFile?: string;
  json?: boolean;
}

/** `hongyan rekey`: replaces the secret key. */
export function rekeyCommand(context: CliContext): Command {
  const { config, lang } = context;
  return new Command('rekey')
    .option('--new-key-file <file>')
    .option('--json')
    .action((flags: Flags) => {
      const { newKeyFile } = flags;
      if (config.secretKeyPrevious !== undefined) {
        if (newKeyFile !== undefined) throw failure('REKEY_FILE/both', {});
        return withLastingSession(context, async (app) => {
          const done = await finishRekey(app, context.actor, { signal: context.signal });
          context.out(
            flags.json
              ? JSON.stringify(done)
              : text(lang, done.count === 0 ? 'rekey.nothing' : 'rekey.finished', done),
          );
        });
      }
      if (config.secretKey !== undefined && newKeyFile === undefined) throw failure('REKEY_FILE/needed', {});
      return withSession(context, async (app) => {
        const given = newKeyFile === undefined ? null : await openNewKeyFile(newKeyFile);
        const done =
          config.secretKey !== undefined && given !== null
            ? { ...(await rekey(app, context.actor, { key: given })), before: null }
            : await replaceFile(context, app, given);
        if (flags.json) return context.out(JSON.stringify(done));
        const { from, to, count, before } = done;
        context.out(text(lang, 'rekey.done', { from, to, count }));
        if (before !== null) context.out(text(lang, 'rekey.before', { path: before }));
        else context.out(text(lang, 'rekey.setEnvironment', { path: newKeyFile ?? '' })); // looked at above
      });
    });
}

/** Only before anything is committed. */
const refusals: readonly string[] = ['REKEY_IN_USE', 'SECRET_UNREADABLE'];

/**
 * The new key lies beside `secret.key` before the database needs it, and takes its place afterwards. Where a failure leaves
 * open which one holds both stay, and whoever opens the database next finds out.
 *
 * @param given null: one is made
 */
async function replaceFile(
  { config: { dataDir }, actor }: CliContext,
  app: Session,
  given: Buffer | null,
): Promise<Rekeyed & { before: string }> {
  const key = given ?? randomBytes(32);
  const own = await writeNextKey(dataDir, key);
  const next = await nextKeys(dataDir);
  const done = await rekey(app, actor, { key }).catch(async (error: unknown) => {
    // One that was given may be another rekey's too, which commits it now.
    if (given === null && refusals.includes(errorCode(error) ?? '')) await rm(own.path, { force: true });
    throw error;
  });
  await settleKeys(dataDir, next, done.from, done.to);
  return { ...done, before: join(dataDir, `secret.key.before-${done.from}`) };
}
