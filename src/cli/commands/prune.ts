import type { Command } from 'commander';
import { type TextKey, text } from '../../texts/ui.ts';
import type { CliContext } from '../context.ts';
import { requireYes } from '../input/ask.ts';
import { numberUpTo } from '../input/numbers.ts';
import { type Session, withSession } from '../open.ts';

interface PruneFlags {
  account?: string;
  olderThan?: string;
  dryRun?: boolean;
  yes?: boolean;
  json?: boolean;
}

interface Scope {
  appid: string | null;
  olderThanDays: number | null;
}

type Values = Record<string, string | number>;

/** What of an account ends, and may then be removed. */
interface Prunable {
  words: { would: TextKey; ask: TextKey; done: TextKey };
  /** What would go now: for people, for programs, and whether it is anything. */
  find(session: Session, scope: Scope): Promise<{ values: Values; json: object; isAny: boolean }>;
  prune(session: Session, scope: Scope & { signal: AbortSignal }): Promise<{ values: Values; json: object }>;
}

/** `prune`: shows what old things would be removed, asks, and removes them. */
export function addPrune(command: Command, context: CliContext, { words, find, prune }: Prunable): void {
  command
    .command('prune')
    .option('--older-than <days>')
    .option('--account <appid>')
    .option('--dry-run')
    .option('--yes')
    .option('--json')
    .action(({ account, olderThan, dryRun = false, yes = false, json = false }: PruneFlags) =>
      withSession(context, async (session) => {
        const { lang, signal } = context;
        const scope = {
          appid: account ?? null,
          olderThanDays: olderThan === undefined ? null : numberUpTo('--older-than', 99_999, olderThan),
        };
        // Counting takes a while: not where nobody would read it.
        const found = dryRun || !yes ? await find(session, scope) : null;
        if (dryRun && found !== null) {
          context.out(
            json ? JSON.stringify({ ...found.json, dryRun }) : text(lang, words.would, found.values),
          );
          return;
        }
        if (found?.isAny) await requireYes(context, text(lang, words.ask, found.values));
        // Also without any of its own: what a killed one left half removed is finished.
        const pruned = await prune(session, { ...scope, signal });
        context.out(json ? JSON.stringify(pruned.json) : text(lang, words.done, pruned.values));
      }),
    );
}
