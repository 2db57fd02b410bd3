import { describeFailure, errorCode, failure, HongyanError } from '../../base/errors.ts';
import { explainDatabaseError } from '../../store/database/explain.ts';
import type { Lang } from '../../texts/catalogue.ts';
import { fileProblem, isFileProblem } from '../../texts/parts.ts';
import { text } from '../../texts/ui.ts';
import { WechatError, WechatTransportError } from '../../wechat/error.ts';

export interface DescribedError {
  line: string;
  exitCode: 0 | 1 | 2;
  json: { code: string; message: string; errcode?: number; rid?: string | null };
}

/** Errors that are about the command line, not about the world. */
const usageCodes = new Set([
  ...['USAGE', 'CONFIG_INVALID', 'TIME_INVALID', 'AUDIENCE_INVALID', 'CRON_INVALID', 'SEARCH_INVALID'],
  ...['CALLBACK_SETTING_INVALID', 'CALLBACK_TOKEN_INVALID', 'CALLBACK_AES_KEY_INVALID', 'EVENT_DAYS_INVALID'],
  ...['WEBHOOK_TOPICS_INVALID', 'WEBHOOK_SECRET_INVALID', 'WEBHOOK_OLD_FOR_INVALID', 'ACCOUNT_INVALID'],
]);

/** What a person reads when a command fails: what happened and what to do, never a stack. */
export function describeError(thrown: unknown, signal: AbortSignal, lang: Lang = 'en'): DescribedError {
  const error = explainFile(explainDatabaseError(thrown));
  if (signal.aborted && isInterruption(error, signal)) {
    const message = text(lang, 'interrupt.stopped');
    return { line: message, exitCode: 1, json: { code: 'INTERRUPTED', message } };
  }
  if (error instanceof HongyanError && error.code === 'CANCELLED') {
    // Whoever says no knows what happened: it is no error to them.
    const { what } = describeFailure(error, lang, 'cli');
    return { line: what, exitCode: 1, json: { code: error.code, message: what } };
  }
  if (error instanceof HongyanError) {
    const { what, hint } = describeFailure(error, lang, 'cli');
    return {
      line: `${text(lang, 'error.line', { what, code: error.code })}${hint === null ? '' : `\n  ${hint}`}`,
      exitCode: usageCodes.has(error.code) ? 2 : 1,
      json: {
        code: error.code,
        message: hint === null ? what : `${what}${lang === 'zh' ? '；' : '; '}${hint}`,
        ...(error instanceof WechatError ? { errcode: error.errcode, rid: error.rid } : {}),
      },
    };
  }
  const message = error instanceof Error ? error.message : String(error);
  const code = errorCode(error) ?? 'UNEXPECTED';
  const stack = error instanceof Error && error.stack !== undefined ? `\n${error.stack}` : '';
  return {
    line: `${text(lang, 'error.unexpected', { message, code })}${stack}`,
    exitCode: 1,
    json: { code, message },
  };
}

function isInterruption(error: unknown, signal: AbortSignal): boolean {
  if (error === signal.reason || ['INTERRUPTED', 'ABORT_ERR'].includes(errorCode(error) ?? '')) return true;
  return error instanceof WechatTransportError && ['aborted', 'cancelled'].includes(error.reason);
}

/** A file that found no room (a key, a temporary copy of a recipient list), or that nobody looked after: one that is written to. */
function explainFile(error: unknown): unknown {
  const code = errorCode(error);
  if (
    error instanceof Error &&
    'path' in error &&
    isFileProblem(code) &&
    code !== 'ENOSPC' &&
    code !== 'EDQUOT'
  )
    return failure(
      'FILE_UNUSABLE',
      { path: String(error.path), problem: fileProblem(code) },
      { cause: error },
    );
  if (code !== 'ENOSPC' && code !== 'EDQUOT') return error;
  if (error instanceof Error && 'path' in error)
    return failure('DISK_FULL/file', { path: String(error.path) }, { cause: error });
  return failure('DISK_FULL/somewhere', {}, { cause: error });
}
