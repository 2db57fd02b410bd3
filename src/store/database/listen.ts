import { errorCode } from '../../base/errors.ts';
import { type Logger, silentLogger } from '../../base/logger.ts';
import type { Pool } from './pool.ts';

/** `hongyan_work`: something to deliver. `hongyan_message`: a single message waits. `hongyan_campaign`: a campaign's state changed. */
type Topic = 'hongyan_work' | 'hongyan_message' | 'hongyan_campaign';

export interface Listener {
  close(): Promise<void>;
}

/**
 * Calls back on NOTIFY. A notification is only a hint that saves waiting: they are lost while the connection is
 * down, so whoever listens polls as well. Reconnects by itself, and calls back once after it did.
 */
export async function listen<T extends string = Topic>(
  pool: Pool,
  topics: T[],
  onNotification: (topic: T, payload: string) => void,
  logger: Logger = silentLogger,
): Promise<Listener> {
  let closed = false;
  let drop: (() => void) | null = null;
  let timer: NodeJS.Timeout | null = null;

  async function connect(): Promise<void> {
    const client = await pool.connect();
    if (closed) return client.release();
    const onMessage = ({ channel, payload }: { channel: string; payload?: string | undefined }): void =>
      onNotification(channel as T, payload ?? ''); // only topics we listened to arrive
    let isListening = false;
    /** Gives it back; one that stays with us would keep the pool from ever ending. */
    const dropThis = (): void => {
      if (drop !== dropThis) return;
      drop = null;
      client.off('notification', onMessage);
      client.release(true);
    };
    drop = dropThis;
    client.on('notification', onMessage);
    client.once('error', (error) => {
      if (drop !== dropThis) return;
      dropThis();
      logger.warn({ code: errorCode(error) }, 'the notification connection broke');
      // Before that whoever connects hears of it from its statement.
      if (isListening) retry();
    });
    try {
      for (const topic of topics) await client.query(`listen "${topic.replaceAll('"', '""')}"`);
      isListening = true;
    } catch (error) {
      dropThis();
      throw error;
    }
  }

  function retry(): void {
    if (closed) return;
    timer = setTimeout(() => {
      connect().then(
        () => {
          for (const topic of topics) onNotification(topic, '');
        },
        () => retry(),
      );
    }, 1000);
  }

  await connect();
  return {
    async close() {
      closed = true;
      if (timer !== null) clearTimeout(timer);
      drop?.();
    },
  };
}
