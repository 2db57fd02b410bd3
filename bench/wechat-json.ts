/**
 * What reading one answer costs. Run: npx node bench/wechat-json.ts
 *
 * Nanoseconds each, median of 5 runs, for: JSON.parse alone (which rounds a 64-bit msgid), JSON.parse with a
 * reviver always, parseWechatJson, and parseSendAnswer, which is what the hot path pays.
 */
import { parseSendAnswer } from '../src/wechat/http/answer.ts';
import { parseWechatJson } from '../src/wechat/http/json.ts';

const answers = {
  'accepted with msgid': '{"errcode":0,"errmsg":"ok","msgid":3557254367693750277}',
  'accepted without msgid': '{"errcode":0,"errmsg":"ok"}',
  refused: '{"errcode":43004,"errmsg":"require subscribe rid: 64e5d2d0-18b1978d-6abec211"}',
};
const readers: Record<string, (text: string) => unknown> = {
  'JSON.parse': (text) => JSON.parse(text),
  'with reviver': (text) => JSON.parse(text, (_key, value: unknown) => value),
  parseWechatJson,
  parseSendAnswer: (text) => parseSendAnswer(text, '/p', 'h'),
};
const count = 200_000;

function nanoseconds(read: (text: string) => unknown, text: string): number {
  // A fresh string each time, as from a socket, so that no cache of a constant helps.
  const bytes = Buffer.from(text);
  const begun = performance.now();
  for (let i = 0; i < count; i += 1) read(bytes.toString('utf8'));
  return ((performance.now() - begun) * 1e6) / count;
}

for (const [name, text] of Object.entries(answers)) {
  for (const [reader, read] of Object.entries(readers)) {
    const runs = Array.from({ length: 5 }, () => nanoseconds(read, text)).sort((a, b) => a - b);
    console.log(`${name.padEnd(24)} ${reader.padEnd(16)} ${Math.round(runs[2] ?? 0)} ns`);
  }
}

const page = JSON.stringify({
  total: 10_000,
  count: 10_000,
  data: {
    openid: Array.from({ length: 10_000 }, (_, i) => `o6_bmjrPTlm6_2sgVt7h${String(i).padStart(8, 'x')}`),
  },
  next_openid: 'x',
});
for (const reader of ['JSON.parse', 'parseWechatJson']) {
  const begun = performance.now();
  for (let i = 0; i < 100; i += 1) readers[reader]?.(page);
  console.log(
    `page of 10,000 openids    ${reader.padEnd(16)} ${((performance.now() - begun) / 100).toFixed(2)} ms`,
  );
}
