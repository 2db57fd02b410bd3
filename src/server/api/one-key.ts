import { failure } from '../../base/errors.ts';

/** A key that may stand in the header Idempotency-Key or in the body. Throws `KEY_INVALID` where both do, and differ. */
export function oneKey(header: string | undefined, inBody: string | undefined): string | undefined {
  if (header !== undefined && inBody !== undefined && header !== inBody) throw failure('KEY_INVALID/two', {});
  return header ?? inBody;
}
