import { errorCode } from '../base/errors.ts';
import { type Logger, silentLogger } from '../base/logger.ts';
import type { Pool, PoolClient } from './pool.ts';

/** `hongyan_work`: something to deliver. `hongyan_message`: a single message waits. `hongyan_campaign`: a campaign's state changed. */
export type Topic = 'hongyan_work' | 'hongyan_message' | 'hongyan_campaign';

export interface Listener {
  close(): Promise<void>;
}

/**
 * Calls back on NOTIFY. A notification is only a hint that saves waiting: they are lost while the connection is
 * down, so whoever listens polls as well. Reconnects by itself, and calls back once after it did.
 */
export async function listen(
  pool: Pool,
  topics: Topic[],
  onNotification: (topic: Topic, payload: string) => void,
  logger: Logger = silentLogger,
): Promise<Listener> {
  let closed = false;
  let client: PoolClient | null = null;
  let timer: NodeJS.Timeout | null = null;

  async function connect(): Promise<void> {
    const connected = await pool.connect();
    if (closed) return connected.release();
    client = connected;
    connected.on('notification', (message) =>
      onNotification(message.channel as Topic, message.payload ?? ''),
    ); // only topics we listened to arrive
    connected.once('error', (error) => {
      logger.warn({ code: errorCode(error) }, 'the notification connection broke');
      connected.release(true);
      client = null;
      retry();
    });
    for (const topic of topics) await connected.query(`listen ${topic}`);
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
      const held = client;
      client = null;
      held?.removeAllListeners('notification');
      held?.release(true);
    },
  };
}
