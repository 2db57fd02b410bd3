import { useRead } from './api.ts';

/** What WeChat's errcodes mean, in the reader's language; the code alone until the table is there. */
export function useErrcodes(): (errcode: number) => string {
  const table = useRead('GET /v1/errcodes', {});
  return (errcode) => {
    const meaning = table.data?.data.find((one) => one.errcode === errcode)?.meaning;
    return meaning === undefined ? String(errcode) : `${errcode} ${meaning}`;
  };
}
