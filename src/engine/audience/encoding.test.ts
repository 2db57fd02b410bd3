import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { detectEncoding } from './encoding.ts';
import { maxLineLength, readLines } from './lines.ts';

const hex = (text: string): Buffer => Buffer.from(text.replace(/ /g, ''), 'hex');
// GB18030 bytes.
const zhangsan = hex('d5c5 c8fd'); // 张三
const liantong = hex('c1aa cda8'); // 联通, which careless detectors take for UTF-8
const eAcute = hex('c3a9'); // é in UTF-8, 茅 in GB18030

async function lines(chunks: Buffer[], encoding?: 'utf-8' | 'gb18030') {
  const found: { line: number; text: string; reason: string | undefined }[] = [];
  let decided: string | undefined = encoding;
  async function* source() {
    yield* chunks;
  }
  const blocks = readLines(source(), {
    encoding,
    forced: encoding !== undefined,
    skip: 0,
    terminator: 0x0a,
    onEncoding: (value) => {
      decided = value;
    },
  });
  for await (const block of blocks) {
    block.lines.forEach((text, i) => {
      found.push({ line: block.first + i, text, reason: block.faults?.get(i)?.reason });
    });
  }
  return { found, decided };
}

describe('encoding of a recipient file', () => {
  it('is undecided while there is only ASCII', () => {
    assert.equal(detectEncoding(Buffer.from('openid,name\n'), 0x0a), undefined);
  });

  it('is UTF-8 for Chinese and emoji, GB18030 for Chinese Excel', () => {
    assert.equal(detectEncoding(Buffer.from('张三\n🦢\n'), 0x0a), 'utf-8');
    assert.equal(detectEncoding(Buffer.concat([zhangsan, Buffer.from('\n'), liantong]), 0x0a), 'gb18030');
    assert.equal(detectEncoding(liantong, 0x0a), 'gb18030');
  });

  it('refuses to guess where both readings are valid and differ', () => {
    assert.throws(() => detectEncoding(eAcute, 0x0a), { code: 'RECIPIENT_ENCODING_UNKNOWN' });
  });

  it('refuses bytes that are neither', () => {
    assert.throws(() => detectEncoding(hex('ff2c ff2c'), 0x0a), { code: 'RECIPIENT_ENCODING_UNKNOWN' });
  });

  it('decides late, at the first bytes above 0x7F', async () => {
    const ascii = Buffer.alloc(600_000, 'plain,row\n');
    const { found, decided } = await lines([ascii, zhangsan, Buffer.from('\nx\n')]);
    assert.equal(decided, 'gb18030');
    assert.deepEqual(found.at(-2), { line: 60_001, text: '张三', reason: undefined });
  });

  it('reports a foreign line after a megabyte of UTF-8 by its number, and goes on', async () => {
    const first = Buffer.from('张三\n'.repeat(200_000));
    const { found } = await lines([first, zhangsan, Buffer.from('\n李四\n')]);
    assert.equal(found.length, 200_002);
    assert.deepEqual(found[200_000], { line: 200_001, text: '', reason: 'invalid-encoding' });
    assert.deepEqual(found[200_001], { line: 200_002, text: '李四', reason: undefined });
  });

  it('reports a UTF-8 line in a GB18030 file, which would decode into other characters', async () => {
    const gb = Buffer.concat(Array.from({ length: 50 }, () => Buffer.concat([zhangsan, Buffer.from('\n')])));
    const { found, decided } = await lines([gb, Buffer.from('李四王五\n')]);
    assert.equal(decided, 'gb18030');
    assert.deepEqual(found[50], { line: 51, text: '', reason: 'invalid-encoding' });
  });

  it('joins characters and lines that chunks cut in two', async () => {
    const bytes = Buffer.from('甲,🦢\n乙,𠮷\n');
    const { found } = await lines([...bytes].map((byte) => Buffer.of(byte)));
    assert.deepEqual(
      found.map(({ text }) => text),
      ['甲,🦢', '乙,𠮷'],
    );
  });

  it('gives up on a line over the limit and goes on after it', async () => {
    const long = Buffer.alloc(maxLineLength * 3, 'x');
    const { found } = await lines([Buffer.from('a\n'), long, Buffer.from('\nb')]);
    assert.deepEqual(found, [
      { line: 1, text: 'a', reason: undefined },
      { line: 2, text: '', reason: 'line-too-long' },
      { line: 3, text: 'b', reason: undefined },
    ]);
  });
});
