/** Reads a recipient file and prints what became of it, for ../recipient-budget.test.ts: `read-recipients.ts FILE COLUMN…`, `*` for all. */
import { errorCode } from '../../../src/base/errors.ts';
import { openRecipientFile } from '../../../src/engine/audience/recipient-file.ts';

const [, , path = '', ...columns] = process.argv;
let rows = 0;
let bad = 0;
let code: string | null = null;
try {
  const file = await openRecipientFile({ path });
  if (columns[0] !== '*') file.select(columns);
  for await (const batch of file.batches)
    for (const record of batch) {
      if (record.kind === 'row') rows += 1;
      else bad += 1;
    }
} catch (error) {
  code = errorCode(error) ?? String(error);
}
console.log(JSON.stringify({ rows, bad, code }));
