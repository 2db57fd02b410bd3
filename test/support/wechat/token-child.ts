/**
 * One process of test/wechat/token-authority.test.ts: sends messages through a client whose token lies in the database.
 * Arguments as one JSON: {databaseUrl, url, appid, secret, templateId, openids}. Sends a tenth, waits for a line
 * on standard input, and so on; prints "N sent" after each part, and one JSON line at the end.
 */
import { createInterface } from 'node:readline';
import { createSealer } from '../../../src/base/seal.ts';
import { databaseTokenStore } from '../../../src/store/accounts/tokens.ts';
import { createPool } from '../../../src/store/database/pool.ts';
import { WechatClient } from '../../../src/wechat/client.ts';

const task: {
  databaseUrl: string;
  url: string;
  appid: string;
  secret: string;
  templateId: string;
  openids: string[];
} = JSON.parse(process.argv[2] ?? '{}');
const pool = createPool({ connectionString: task.databaseUrl }, { max: 2 });
const client = new WechatClient({
  appid: task.appid,
  token: { kind: 'secret', secret: task.secret },
  baseUrl: task.url,
  tokenStore: databaseTokenStore(pool, createSealer(Buffer.alloc(32, 7))),
});
const data = Object.fromEntries(['keyword1', 'keyword2', 'keyword3'].map((key) => [key, { value: 'x' }]));
const answers: Record<string, number> = {};
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const part = Math.ceil(task.openids.length / 10);
for (let i = 0; i < task.openids.length; i += part) {
  await lines.next();
  await Promise.all(
    task.openids.slice(i, i + part).map(async (touser) => {
      const answer = await client.send(
        '/cgi-bin/message/template/send',
        JSON.stringify({ touser, template_id: task.templateId, data }),
      );
      const key = answer.kind === 'refused' ? String(answer.errcode) : answer.kind;
      answers[key] = (answers[key] ?? 0) + 1;
    }),
  );
  console.log(`${Math.min(task.openids.length, i + part)} sent`);
}
console.log(JSON.stringify(answers));
process.stdin.destroy();
await client.close();
await pool.end();
