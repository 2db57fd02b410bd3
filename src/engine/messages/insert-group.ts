import { errorCode } from '../../base/errors.ts';
import type { Pool } from '../../store/database/pool.ts';
import {
  type InsertClaim,
  type InsertedMessage,
  insertMessages,
  type NewMessage,
} from '../../store/messages/messages.ts';
import { creditPlaceOf, reserveForMessages } from '../credits/message-credits.ts';

/** PostgreSQL's code for a lock that was waited for too long. */
const lockNotAvailable = '55P03';

/**
 * Stores a group of messages, with the credits of those that are claimed. Only groups in which such a message uses up a
 * credit pay for a transaction; the others are one statement.
 */
export async function insertGroup(
  pool: Pool,
  claim: InsertClaim,
  rows: (NewMessage & { claim: boolean })[],
): Promise<InsertedMessage[]> {
  if (!rows.some((row) => row.claim && creditPlaceOf(row) !== null))
    return await insertMessages(pool, claim, rows);
  try {
    return await insertMessages(pool, claim, rows, reserveForMessages);
  } catch (error) {
    if (errorCode(error) !== lockNotAvailable) throw error;
    // Somebody holds a balance for long. They are stored all the same, for whoever can reserve their credits later.
    const unclaimed = rows.map((row) => ({ ...row, claim: row.claim && creditPlaceOf(row) === null }));
    return await insertMessages(pool, claim, unclaimed);
  }
}
