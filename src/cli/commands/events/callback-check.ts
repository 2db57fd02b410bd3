import type { Command } from 'commander';
import { type CallbackFinding, checkCallback } from '../../../app/callback/check.ts';
import type { Lang } from '../../../texts/catalogue.ts';
import { text } from '../../../texts/ui.ts';
import type { CliContext } from '../../context.ts';
import { withSession } from '../../open.ts';

/** Of WeChat's callback/check: no URL is set. */
const noUrlSet = 40201;

/** `callback check`: a round trip as WeChat makes it, and WeChat's own look at the URL. */
export function addCallbackCheck(command: Command, context: CliContext): void {
  command
    .command('check')
    .argument('<appid>')
    .option('--url <url>')
    .option('--local')
    .option('--json')
    .action((appid: string, options: { url?: string; local?: boolean; json?: boolean }) =>
      withSession(context, async (app) => {
        const { url, findings } = await checkCallback(app, context.actor, {
          appid,
          base: options.url,
          ownAddress: `http://${context.config.listen}`,
          askWechat: options.local !== true,
        });
        if (findings.some(({ ok }) => !ok)) context.setExit(1);
        if (options.json === true) return context.out(JSON.stringify({ url, findings }));
        context.out(url);
        for (const finding of findings)
          context.out(
            `${text(context.lang, finding.ok ? 'callback.ok' : 'callback.bad')} ${words(context.lang, finding)}`,
          );
      }),
    );
}

function words(lang: Lang, finding: CallbackFinding): string {
  const { answer, code, detail, errcode, errmsg } = finding;
  if (errcode === noUrlSet) return text(lang, 'callback.wechatNotSet');
  if (errcode !== null) return `${errcode} ${errmsg}`;
  if (finding.check === 'wechat') return text(lang, 'callback.wechatOk', { detail: detail ?? '' });
  const name = text(lang, names[finding.check]);
  if (finding.ok) return name;
  if (answer !== null)
    return text(lang, 'callback.answered', { ...answer, name, status: String(answer.status) });
  return text(lang, 'callback.unreached', { name, code: code ?? '' });
}

const names = {
  verification: 'callback.urlOk',
  push: 'callback.pushOk',
  forgery: 'callback.forgedOk',
} as const;
