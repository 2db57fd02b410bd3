import type { ClaimedTelling } from '../../store/alerts/tellings.ts';
import { alertTexts, durationText, incidentPath, incidentWords } from '../../texts/alerts.ts';
import { fill, type Lang, type Words } from '../../texts/catalogue.ts';
import { errcodeInfo } from '../../wechat/errcodes/errcodes.ts';

/** What is told at once, before it has the form of a channel. */
export interface AlertMessage {
  /** One line that says what happened. */
  title: string;
  parts: AlertPart[];
}

export interface AlertPart {
  what: 'opened' | 'ended' | 'test';
  title: string;
  lines: string[];
  /** `line` is both, where nothing can be clicked. */
  link: { text: string; url: string; line: string } | null;
}

export interface Letterhead {
  lang: Lang;
  /** The console as people reach it, without a slash at its end; null: no links. */
  publicUrl: string | null;
}

/** In the order of the tellings; a message holds no openid, no secret, and nothing that WeChat said in its own words. */
export function alertMessage(tellings: readonly ClaimedTelling[], head: Letterhead): AlertMessage {
  const parts = tellings.map((one) => partOf(one, head));
  const first = parts[0]?.title ?? '';
  const count = parts.length - 1;
  return { title: count < 1 ? first : say(alertTexts.more, head.lang, { title: first, count }), parts };
}

export function testMessage(head: Letterhead): AlertMessage {
  const { lang } = head;
  const title = say(alertTexts.test, lang, {});
  return {
    title,
    parts: [{ what: 'test', title, lines: [alertTexts.testBody[lang]], link: linkTo('/alerts', head) }],
  };
}

function partOf(telling: ClaimedTelling, head: Letterhead): AlertPart {
  const { lang } = head;
  const { what, appid, details, endedAt, seenAt } = telling;
  const words = incidentWords(telling, lang, (code) => errcodeInfo(code)[lang]);
  const time = (at: Date): string => localTime(at, telling.timeZone);
  const lines = [words.why];
  // Most titles name the account already.
  if (appid !== null && details.account === undefined)
    lines.push(say(alertTexts.account, lang, { account: appid }));
  if (what === 'ended' && endedAt !== null) {
    const duration = durationText(endedAt.getTime() - seenAt.getTime(), lang);
    lines.push(say(alertTexts.lasted, lang, { since: time(seenAt), until: time(endedAt), duration }));
  } else {
    lines.push(say(alertTexts.since, lang, { since: time(seenAt) }), words.do);
  }
  return {
    what,
    title: say(alertTexts[what], lang, { title: words.title }),
    lines,
    link: linkTo(incidentPath(telling), head),
  };
}

function linkTo(path: string, { lang, publicUrl }: Letterhead): AlertPart['link'] {
  if (publicUrl === null) return null;
  const link = { text: alertTexts.link[lang], url: publicUrl + path };
  return { ...link, line: say(alertTexts.linkLine, lang, link) };
}

/** `2026-11-27 17:02`, of the account's zone; of the installation's matters in that of WeChat. */
function localTime(at: Date, timeZone: string | null): string {
  const format = new Intl.DateTimeFormat('sv-SE', {
    timeZone: timeZone ?? 'Asia/Shanghai',
    dateStyle: 'short',
    timeStyle: 'short',
  });
  return format.format(at);
}

function say(words: Words, lang: Lang, values: Record<string, string | number>): string {
  return fill(words, lang, 'console', values);
}

/** As plain text: an e-mail, and what a phone shows. */
export function plainText({ parts }: AlertMessage): string {
  return parts
    .map(({ title, lines, link }) => [title, ...lines, ...(link === null ? [] : [link.line])].join('\n'))
    .join('\n\n');
}
