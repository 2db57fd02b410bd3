import type { AccountCheck } from '../../app/installation/account-check.ts';
import { describeFailure } from '../../base/errors.ts';
import type { Lang } from '../../texts/catalogue.ts';
import type { Finding, Say } from './finding.ts';

/** @param elsewhere Hosts of nodes that are not this machine: what WeChat says of its address does not hold there. */
export function* accountFindings(
  found: AccountCheck,
  { lang, say, elsewhere }: { lang: Lang; say: Say; elsewhere: readonly string[] },
): Generator<Finding> {
  const { appid, error, egress, clock } = found;
  if (error !== null) {
    const { what, hint } = describeFailure(error, lang, 'cli');
    const name = { check: `account ${appid}`, what: say('doctor.account', { appid }) };
    yield { ...name, ok: false, detail: what, fix: hint };
    return;
  }
  const good = { ok: true, fix: null };
  yield {
    ...good,
    check: `account ${appid}`,
    what: say('doctor.account', { appid }),
    detail: say('doctor.accountOk'),
  };
  yield {
    check: `egress ${appid}`,
    what: say('doctor.egress', { appid }),
    ok: true,
    detail: egress ?? say('doctor.untold'),
    fix: elsewhere.length === 0 ? null : say('doctor.egressFix', { hosts: elsewhere }),
  };
  yield {
    check: `wechat-clock ${appid}`,
    what: say('doctor.wechatClock', { appid }),
    ok: clock?.ok ?? true,
    detail:
      clock === null
        ? say('doctor.untold')
        : say('doctor.wechatClockDetail', { ms: Math.round(clock.skewMs) }),
    fix: clock === null || clock.ok ? null : say('doctor.clockFix'),
  };
  yield quotaFinding(found, say);
  yield callbackFinding(found, say);
}

function quotaFinding({ appid, quota }: AccountCheck, say: Say): Finding {
  const short = (quota?.short ?? []).map(({ path, left, limit }) =>
    say('doctor.quotaShort', { path, left: left ?? '?', limit: limit ?? '?' }),
  );
  return {
    check: `quota ${appid}`,
    what: say('doctor.quota', { appid }),
    ok: quota?.ok ?? true,
    detail: short.length === 0 ? say('doctor.quotaOk') : short.join(say('doctor.and')),
    fix: short.length === 0 ? null : say('doctor.quotaFix', { appid }),
  };
}

function callbackFinding({ appid, callback }: AccountCheck, say: Say): Finding {
  const name = { check: `callback ${appid}`, what: say('doctor.callback', { appid }) };
  const set = say('doctor.callbackSetFix', { appid });
  if (callback === null) return { ...name, ok: true, detail: say('doctor.callbackNone'), fix: set };
  const { url, ok, findings } = callback;
  const own = findings.find(({ check }) => check === 'verification');
  if (own !== undefined && url !== null && !own.ok) {
    const got = own.answer === null ? (own.code ?? '?') : String(own.answer.status);
    const detail = say('doctor.callbackDead', { url, got });
    return { ...name, ok: false, detail, fix: say('doctor.callbackDeadFix', { appid }) };
  }
  const wechat = findings.find(({ check }) => check === 'wechat');
  if (wechat !== undefined && wechat.errcode !== null) {
    const values = { errcode: String(wechat.errcode), errmsg: wechat.errmsg ?? '' };
    const fix = ok ? null : say('doctor.callbackPasteFix', { appid });
    return { ...name, ok, detail: say('doctor.callbackRefused', values), fix };
  }
  if (url === null) return { ...name, ok, detail: say('doctor.callbackNoUrl'), fix: set };
  if (wechat === undefined) return { ...name, ok, detail: say('doctor.callbackAlone', { url }), fix: null };
  const seen = wechat.detail ?? '';
  if (wechat.ok) return { ...name, ok, detail: say('doctor.callbackOk', { url, seen }), fix: null };
  return {
    ...name,
    ok,
    detail: say('doctor.callbackLost', { url, seen }),
    fix: say('doctor.callbackLostFix'),
  };
}
