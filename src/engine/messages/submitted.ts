import { failure, type HongyanError } from '../../base/errors.ts';
import type { NewMessage } from '../../store/messages/messages.ts';

/** What became of the wish to send a message. */
export interface Submitted {
  id: number;
  /** The key was used before, for the same message: nothing new will be sent. */
  isRepeat: boolean;
}

/** @param id of the message that has the key; null or 0: another one of the same batch */
export function keyReused(message: NewMessage, id: number | null): HongyanError {
  const { key } = message;
  if (!id) return failure('KEY_REUSED/batch', { key: key ?? '' });
  return failure('KEY_REUSED/message', { key: key ?? '', id: String(id) }, { details: { id } });
}
