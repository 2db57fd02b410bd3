import { Command } from 'commander';
import { followerCallsPerDay, syncFollowers } from '../../engine/audience/followers.ts';
import { getAccount } from '../../store/accounts/accounts.ts';
import { countContacts } from '../../store/accounts/contacts.ts';
import { text } from '../../texts/ui.ts';
import type { CliContext } from '../context.ts';
import { askYesNo, canAsk } from '../input/ask.ts';
import { type Session, withSession } from '../open.ts';
import { startProgress } from '../output/progress.ts';
import { formatTime } from '../output/when.ts';

export function followersCommand(context: CliContext): Command {
  const command = new Command('followers').description(
    'the followers of an Official Account, stored as contacts',
  );

  command
    .command('sync')
    .description('fetch the follower list, page by page; an interrupted sync goes on where it stopped')
    .argument('<appid>')
    .option('--details', 'also unionid, tags, subscribe time and scene (one call per 100 followers)')
    .option('--accept-loss', 'although over 5 % of the followers would be marked as gone')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  $ hongyan followers sync wx0123456789abcdef --details')
    .action((appid: string, options: { details?: boolean; acceptLoss?: boolean; json?: boolean }) =>
      withSession(context, async (session) => {
        await runSync(context, session, appid, {
          details: options.details ?? false,
          json: options.json ?? false,
          acceptLoss: options.acceptLoss ?? (options.json ? false : 'ask'),
        });
      }),
    );

  command
    .command('count')
    .description('how many contacts are stored, and how old the list is')
    .argument('<appid>')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  $ hongyan followers count wx0123456789abcdef')
    .action((appid: string, options: { json?: boolean }) =>
      withSession(context, async ({ store }) => {
        const account = await getAccount(store.pool, appid);
        const counts = await countContacts(store.pool, appid);
        if (options.json) return context.out(JSON.stringify({ appid, ...counts }));
        if (account.kind === 'miniprogram')
          return context.out(text(context.lang, 'followers.countMp', { appid, all: counts.all }));
        context.out(
          text(context.lang, 'followers.count', {
            appid,
            following: counts.following,
            unfollowed: counts.unfollowed,
            all: counts.all,
            syncedAt:
              counts.syncedAt === null
                ? text(context.lang, 'followers.never')
                : formatTime(counts.syncedAt, account.timeZone),
          }),
        );
      }),
    );
  return command;
}

/** Openids that are named; `--json` has all. */
const invalidShown = 10;

/** Syncs with a progress bar and says what came of it. */
export async function runSync(
  context: CliContext,
  session: Session,
  appid: string,
  options: {
    details: boolean;
    json: boolean;
    quiet?: boolean;
    /** Whether over 5 % of the followers may be marked as gone; `ask`: if there is somebody to ask. */
    acceptLoss: boolean | 'ask';
  },
): Promise<void> {
  const quiet = options.json || options.quiet === true;
  const { kind } = await getAccount(session.store.pool, appid);
  let phase = 'followers';
  let progress = startProgress(context, text(context.lang, 'followers.progress'), { quiet });
  try {
    const result = await syncFollowers({ ...session, logger: context.logger }, appid, {
      details: options.details,
      signal: context.signal,
      onProgress(now) {
        if (now.phase !== phase) {
          progress.stop();
          phase = now.phase;
          progress = startProgress(context, text(context.lang, 'followers.details'), { quiet });
        }
        progress.update(now.seen, now.total);
      },
      async acceptLoss({ gone, known }) {
        if (options.acceptLoss !== 'ask' || !canAsk()) return options.acceptLoss === true;
        progress.stop();
        const percent = Math.round((gone * 100) / known);
        return await askYesNo(context, text(context.lang, 'followers.askLoss', { gone, known, percent }));
      },
    });
    progress.stop();
    if (options.json) return context.out(JSON.stringify({ appid, ...result }));
    if (options.quiet === true) return;
    if (result.resumed) context.out(text(context.lang, 'followers.resumed'));
    context.out(
      text(context.lang, 'followers.done', {
        seen: result.seen,
        added: result.added,
        gone: result.gone,
        calls: result.calls,
        limit: followerCallsPerDay(kind),
      }),
    );
    if (result.missing > 0) context.out(text(context.lang, 'followers.missing', { missing: result.missing }));
    if (options.details) context.out(text(context.lang, 'followers.detailed', { detailed: result.detailed }));
    if (result.invalid.length > 0)
      context.out(
        text(context.lang, 'followers.invalid', {
          n: result.invalid.length,
          openids: `${result.invalid.slice(0, invalidShown).join(', ')}${result.invalid.length > invalidShown ? ', …' : ''}`,
        }),
      );
  } finally {
    progress.stop();
  }
}
