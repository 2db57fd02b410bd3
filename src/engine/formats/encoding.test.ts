import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { HongyanError } from '../../base/errors.ts';
import { detectEncoding } from './encoding.ts';
import { encodingOf, type TextEncoding } from './encoding-names.ts';
import { maxLineLength, readLines } from './lines.ts';

const hex = (text: string): Buffer => Buffer.from(text.replace(/ /g, ''), 'hex');
// GB18030 bytes.
const zhangsan = hex('d5c5 c8fd'); // 张三
const liantong = hex('c1aa cda8'); // 联通, which careless detectors take for UTF-8
const eAcute = hex('c3a9'); // é in UTF-8, 茅 in GB18030

async function lines(chunks: Buffer[], encoding?: TextEncoding) {
  const found: { line: number; text: string; reason: string | undefined }[] = [];
  let decided: string | undefined = encoding;
  async function* source() {
    yield* chunks;
  }
  const blocks = readLines(source(), {
    encoding,
    forced: encoding !== undefined,
    skip: 0,
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
  it('is undecided while there is only ASCII', async () => {
    assert.equal(await detectEncoding(Buffer.from('openid,name\n')), undefined);
  });

  it('is UTF-8 for Chinese and emoji, GB18030 for Chinese Excel', async () => {
    assert.equal(await detectEncoding(Buffer.from('张三\n🦢\n')), 'utf-8');
    assert.equal(await detectEncoding(Buffer.concat([zhangsan, Buffer.from('\n'), liantong])), 'gb18030');
    assert.equal(await detectEncoding(liantong), 'gb18030');
  });

  it('is judged by all cells, and not by the first that says little', async () => {
    const names = [
      'd5c5 c8fd',
      'c0ee c0d7',
      'baab c3b7 c3b7',
      'cdf5 cee5',
      'd5d4 c1f9',
      'c7ae c6df',
      'cbef b0cb',
    ];
    const list = Buffer.concat(names.flatMap((name) => [hex(name), Buffer.from('\n')]));
    assert.equal(await detectEncoding(Buffer.concat([hex('e9'), Buffer.from('t,\n'), list])), 'gb18030');
  });

  it('refuses to guess where both readings are valid and differ', async () => {
    await assert.rejects(detectEncoding(eAcute), { code: 'RECIPIENT_ENCODING_UNKNOWN' });
  });

  it('refuses bytes that are neither', async () => {
    await assert.rejects(detectEncoding(hex('ff2c ff2c')), { code: 'RECIPIENT_ENCODING_UNKNOWN' });
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

  it('ends lines at LF, CRLF and a lone CR, however chunks cut them', async () => {
    const unit = fc.constantFrom('\n', '\r', '\r\n', 'a', '张', 'b\r\n');
    const text = fc.string({ unit, minLength: 1, maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(text, fc.integer({ min: 1, max: 5 }), async (content, size) => {
        const bytes = Buffer.from(`张${content}x`);
        const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
          bytes.subarray(i * size, i * size + size),
        );
        const { found } = await lines(chunks);
        assert.deepEqual(
          found.map(({ text }) => text.replace(/\r$/, '')),
          bytes.toString().split(/\r\n|\n|\r/),
        );
        found.forEach(({ line }, index) => {
          assert.equal(line, index + 1);
        });
      }),
    );
  });

  it('goes on after an overlong line that any line end ends', async () => {
    for (const end of ['\n', '\r\n', '\r']) {
      // Cut so that a CRLF comes in two pieces.
      const long = Buffer.alloc(maxLineLength + 128 * 1024 * 3 - 1, 'x');
      const { found } = await lines([long, Buffer.from(`${end}b${end}c`)]);
      assert.deepEqual(
        found.map(({ text, reason }) => reason ?? text.trim()),
        ['line-too-long', 'b', 'c'],
      );
    }
  });

  it('reads the encodings that it is told', async () => {
    const bytes = {
      big5: 'a4fd a470',
      latin1: '4dfc',
      shift_jis: '8e52',
      'euc-kr': 'b1e8',
      'utf-16be': '738b',
    };
    const texts = { big5: '王小', latin1: 'Mü', shift_jis: '山', 'euc-kr': '김', 'utf-16be': '王' };
    for (const name of ['big5', 'latin1', 'shift_jis', 'euc-kr', 'utf-16be'] as const) {
      const { found } = await lines([hex(bytes[name])], encodingOf(name));
      assert.deepEqual(found[0]?.text, texts[name]);
    }
    const euro = await lines([Buffer.of(0x80)], 'windows-1252');
    assert.equal(euro.found[0]?.text, '€');
    assert.equal(encodingOf('GBK'), 'gb18030');
    assert.equal(encodingOf('klingon'), undefined);
  });
});

describe('a file that is not UTF-8', () => {
  const cells = (...lines: string[]): Buffer => Buffer.concat(lines.map((line) => hex(`${line}0a`)));
  const guess = async (bytes: Buffer): Promise<unknown> => {
    try {
      return await detectEncoding(bytes);
    } catch (error) {
      assert.ok(error instanceof HongyanError);
      return error.details.guess;
    }
  };

  it('is refused with the guess when it looks like Big5 or Latin-1, though all of it is valid GB18030', async () => {
    // 姓名 / 王小明 / 陳大文先生您好
    const big5 = cells('a96d a657', 'a4fd a470 a9fa', 'b3af a46a a4e5 a5fd a5cd b17a a66e');
    assert.doesNotThrow(() => new TextDecoder('gb18030', { fatal: true }).decode(big5));
    assert.equal(await guess(big5), 'big5');
    await assert.rejects(detectEncoding(big5), { message: /looks like Big5.*encoding: big5/s });
    // Müller, Zoëlle, Andrés
    const latin = cells('4dfc 6c6c 6572', '5a6f eb6c 6c65', '416e 6472 e973');
    assert.doesNotThrow(() => new TextDecoder('gb18030', { fatal: true }).decode(latin));
    assert.equal(await guess(latin), 'windows-1252');
    await assert.rejects(detectEncoding(latin), { message: /looks like Latin-1 \(windows-1252\)/ });
  });

  it('is GB18030 when Chinese Excel wrote it, of few names too', async () => {
    // 李雷 / 韩梅梅 / 欧阳喆, whose last character only the extension has
    assert.equal(await guess(cells('c0ee c0d7', 'baab c3b7 c3b7', 'c5b7 d1f4 86b4')), 'gb18030');
    assert.equal(await guess(cells('d5c5 c8fd')), 'gb18030');
    // An emoji, of four bytes.
    assert.equal(await guess(cells('9439 8c36')), 'gb18030');
    // The same name in every row says no more than once.
    assert.equal(
      await guess(Buffer.concat(Array.from({ length: 500 }, () => cells('d5c5 c8fd')))),
      'gb18030',
    );
  });
});
