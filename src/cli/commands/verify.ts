import { Command } from 'commander';
import type { QuestionName } from '../../app/verify/questions.ts';
import { askQuestion, planVerification, type Verification } from '../../app/verify/verify.ts';
import { type TextKey, text } from '../../texts/ui.ts';
import type { CliContext } from '../context.ts';
import { askYesNo } from '../input/ask.ts';
import { type Session, withSession } from '../open.ts';

/** One question and its answer, without anything that is secret: made to be passed on. */
interface Finding {
  question: QuestionName;
  /** Of the answers that are reckoned with; `undecided`, or `skipped` by the person. */
  verdict: string;
  /** WeChat's answer, with openids masked. */
  observed: string | null;
  /** What is right then, and which switch of the simulator says so. */
  meaning: string;
}

/** `hongyan verify APPID --openid ME`. */
export function verifyCommand(context: CliContext, version: string): Command {
  return new Command('verify')
    .argument('<appid>')
    .requiredOption('--openid <openid>')
    .option('--yes')
    .option('--json')
    .action((appid: string, flags: { openid: string; yes?: boolean; json?: boolean }) => {
      return withSession(context, async (session) => {
        const { openid } = flags;
        const verification = await planVerification(session, context.actor, { appid, openid });
        const sends = verification.questions.reduce((sum, one) => sum + one.sends, 0);
        if (!flags.json) context.out(text(context.lang, 'verify.begin', { sends }));
        const findings: Finding[] = [];
        for (const { name, sends } of verification.questions) {
          if (context.signal.aborted) break;
          const isWanted = flags.yes || (await askYesNo(context, questionOf(context, name, sends)));
          const found = await find(context, session, verification, isWanted ? name : null, name);
          findings.push(found);
          if (!flags.json) print(context, found);
        }
        report(context, { version, findings }, flags.json === true);
      });
    });
}

function questionOf({ lang }: CliContext, name: QuestionName, sends: number): string {
  const what = text(lang, `asked.${name}`);
  return text(lang, sends === 0 ? 'verify.askFree' : 'verify.ask', { what, sends });
}

async function find(
  { actor, lang }: CliContext,
  session: Session,
  verification: Verification,
  wanted: QuestionName | null,
  question: QuestionName,
): Promise<Finding> {
  if (wanted === null)
    return { question, verdict: 'skipped', observed: null, meaning: text(lang, 'verify.skipped') };
  const { verdict, observed } = await askQuestion(session, actor, { verification, name: wanted });
  const name = `${question}.${verdict}`;
  const key = verdict === 'undecided' ? 'verify.undecided' : `verdict.${name}`;
  // Each verdict of a question has its text: test/cli/verify.test.ts.
  return { question, verdict, observed, meaning: text(lang, key as TextKey) };
}

function print({ out, lang }: CliContext, { question, verdict, observed, meaning }: Finding): void {
  const asked = text(lang, `asked.${question}`);
  out(text(lang, 'verify.line', { asked, verdict, observed: observed ?? '–' }));
  out(text(lang, 'verify.meaning', { meaning }));
}

function report(
  { out, lang }: CliContext,
  { version, findings }: { version: string; findings: Finding[] },
  json: boolean,
): void {
  if (json) {
    out(JSON.stringify({ version, findings }));
    return;
  }
  const decided = findings.filter(({ verdict }) => verdict !== 'undecided' && verdict !== 'skipped').length;
  out(text(lang, 'verify.end', { decided, count: findings.length }));
  out(text(lang, 'verify.notAsked'));
}
