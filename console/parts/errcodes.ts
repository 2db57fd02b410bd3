import { useCallback } from 'react';
import { reasonText, standstillText } from '../../src/texts/reasons.ts';
import { useRead } from './api.ts';
import { useLanguage } from './language.tsx';

/** The errcode's own words and what to do about it; nothing of a code that the table does not know. */
export function useErrcodeTable(): (errcode: number) => { errmsg: string; meaning: string } | undefined {
  const table = useRead('GET /v1/errcodes', {});
  return (errcode) => table.data?.data.find((one) => one.errcode === errcode);
}

/** What WeChat's errcodes mean, in the reader's language; the code alone until the table is there. */
export function useErrcodes(): (errcode: number) => string {
  const { data } = useRead('GET /v1/errcodes', {});
  return useCallback(
    (errcode) => {
      const meaning = data?.data.find((one) => one.errcode === errcode)?.meaning;
      return meaning === undefined ? String(errcode) : `${errcode} ${meaning}`;
    },
    [data],
  );
}

/** Why a message did not arrive: what its errcode means, or its reason in words; empty where there is neither. */
export function useWhy(): (of: { errcode: number | null; reason: string | null }) => string {
  const errcodes = useErrcodes();
  const { lang } = useLanguage();
  return useCallback(
    ({ errcode, reason }) => {
      if (errcode !== null && errcode !== 0) return errcodes(errcode);
      return reason === null ? '' : (reasonText(reason, lang) ?? reason);
    },
    [errcodes, lang],
  );
}

/** Why a campaign or an account stands still: `errcode:N`, or a reason in words. */
export function useStandstill(): (of: {
  reason: string;
  detail?: string | null;
  invalid?: number;
}) => string {
  const errcodes = useErrcodes();
  const { lang } = useLanguage();
  return ({ reason, detail = null, invalid = 0 }) => {
    const [, errcode] = /^errcode:(-?\d+)$/.exec(reason) ?? [];
    return errcode === undefined
      ? standstillText({ reason, detail, invalid }, lang)
      : errcodes(Number(errcode));
  };
}
