import { type Loss, syncFollowers } from '../../app/accounts/followers.ts';
import { text } from '../../texts/ui.ts';
import type { CliContext } from '../context.ts';
import { askYesNo, canAsk } from '../input/ask.ts';
import type { Session } from '../open.ts';
import { startProgress } from '../output/progress.ts';

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
  let phase = 'followers';
  let progress = startProgress(context, text(context.lang, 'followers.progress'), { quiet });
  const askLoss = async ({ gone, known }: Loss): Promise<boolean> => {
    progress.stop();
    const percent = Math.round((gone * 100) / known);
    return await askYesNo(context, text(context.lang, 'followers.askLoss', { gone, known, percent }));
  };
  try {
    const result = await syncFollowers(session, context.actor, {
      appid,
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
      acceptLoss: options.acceptLoss === 'ask' && canAsk() ? askLoss : options.acceptLoss === true,
    });
    progress.stop();
    if (options.json) {
      const { callsPerDay: _, ...counts } = result;
      return context.out(JSON.stringify({ appid, ...counts }));
    }
    if (options.quiet === true) return;
    if (result.resumed) context.out(text(context.lang, 'followers.resumed'));
    context.out(
      text(context.lang, 'followers.done', {
        seen: result.seen,
        added: result.added,
        gone: result.gone,
        calls: result.calls,
        limit: result.callsPerDay,
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
