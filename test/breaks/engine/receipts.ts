import type { Break } from '../break.ts';

export const receiptsBreaks: Break[] = [
  {
    what: 'a second receipt of a recipient counts nothing',
    file: 'src/store/events/receipts.ts',
    find: "columns.join(' | r.')",
    replace: 'columns[4]',
    test: 'test/receipts/receipts.test.ts',
    name: 'a second receipt of a recipient',
  },
  {
    what: 'a receipt is about the person that it names',
    file: 'src/store/events/receipts.ts',
    find: 'and p.openid = ',
    replace: "and '' < ",
    test: 'test/receipts/receipts.test.ts',
    name: 'a receipt of the same msgid',
  },
  {
    what: 'a receipt is about the account that it names',
    file: 'src/store/events/receipts.ts',
    find: 'accepted} and c.appid = ',
    replace: "accepted} and '' < ",
    test: 'test/receipts/receipts.test.ts',
    name: 'a receipt of the same msgid',
  },
  {
    what: 'a receipt that comes first is matched later',
    file: 'src/store/events/receipts.ts',
    find: 'where (select mine from leader) and r.campaign_id is null',
    replace: 'where false and r.campaign_id is null',
    test: 'test/receipts/receipts.test.ts',
    name: 'a receipt that comes before its answer',
  },
];
