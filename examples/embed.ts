/**
 * A program of your own with Hongyan inside: a database, an account, a node that sends, one message, its outcome.
 * Explained in docs/embedding.md.
 *
 *     WECHAT_APPID=wx… WECHAT_SECRET=… WECHAT_OPENID=o… WECHAT_TEMPLATE_ID=… node examples/embed.ts
 *
 * In your own project the import is from 'hongyan'.
 */
import {
  AccountClients,
  createSealer,
  HongyanError,
  openEmbeddedPostgres,
  openStore,
  parseSecretKey,
  saveAccount,
  startEngine,
  syncTemplates,
} from '../src/index.ts';

const { env } = process;
const setting = (name: string): string => {
  const value = env[name];
  if (value === undefined || value === '') throw new Error(`${name} is not set`);
  return value;
};

// Whatever has these four methods, pino for example. Here only what somebody should look at is printed.
const logger = {
  debug() {},
  info() {},
  warn: (fields: object, message: string) => console.error('warn', message, fields),
  error: (fields: object, message: string) => console.error('error', message, fields),
};

// A PostgreSQL of your own, or one that starts in this directory and stops with the last process that uses it.
const embedded =
  env.DATABASE_URL === undefined
    ? await openEmbeddedPostgres({ dataDir: setting('DATA_DIR'), logger })
    : null;
try {
  const store = await openStore({
    connection: embedded?.connection ?? { connectionString: setting('DATABASE_URL') },
    // 32 bytes as base64, the same on every start: AppSecrets and tokens are sealed with it.
    sealer: createSealer(parseSecretKey(setting('SECRET_KEY'))),
    logger,
  });
  try {
    await send(store);
  } finally {
    await store.close();
  }
} catch (error) {
  // Branch on the code, never on the text: docs/errors.md has them all.
  if (!(error instanceof HongyanError)) throw error;
  console.error(`${error.code}: ${error.message}`);
  process.exitCode = 1;
} finally {
  await embedded?.close();
}

async function send(store: Awaited<ReturnType<typeof openStore>>): Promise<void> {
  const appid = setting('WECHAT_APPID');
  await saveAccount(store.pool, store.sealer, {
    appid,
    kind: 'service',
    name: 'embedded',
    tokenSource: 'secret',
    secret: setting('WECHAT_SECRET'),
    // WeChat itself; the tests set the simulator's address.
    baseUrl: env.WECHAT_BASE_URL ?? null,
    proxy: null,
  });
  const clients = new AccountClients({ store, logger });
  await syncTemplates({ store, clients }, appid);
  // From here on this process sends: this message, and whatever else the database has to send.
  const engine = await startEngine({ store, clients, logger, role: 'serve', version: '1' });
  try {
    const submitted = await engine.messages.submit({
      appid,
      channel: 'oa-template',
      openid: setting('WECHAT_OPENID'),
      message: {
        parts: {
          templateId: setting('WECHAT_TEMPLATE_ID'),
          data: { keyword1: '系统通知', keyword2: '您的订单已发货', keyword3: '2026年1月1日 12:00' },
        },
      },
      // However often this is submitted, by however many processes: one message.
      key: env.MESSAGE_KEY,
      lang: 'en',
    });
    const outcome = await engine.messages.outcome(submitted.id, 10_000);
    console.log(`message ${submitted.id}${submitted.isRepeat ? ' (again)' : ''}: ${outcome?.state}`);
  } finally {
    // What is in flight is awaited and stored; everything else goes back to whoever comes next.
    await engine.stop();
    await clients.close();
  }
}
