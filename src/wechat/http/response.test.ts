import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { HttpSyntaxError, ResponseParser } from './response.ts';

interface Read {
  status: number;
  body: string;
  reusable: boolean;
  idleS: number | null;
}

/** What comes of the bytes, pushed in these pieces, for so many requests; `ended` when the connection ends after them. */
function read(pieces: (string | Buffer)[], { requests = 1, ended = false } = {}): Read[] {
  const answers: Read[] = [];
  let status = 0;
  let body: Buffer[] = [];
  const parser = new ResponseParser({
    onHead(code) {
      status = code;
      body = [];
    },
    onBody(bytes) {
      body.push(Buffer.from(bytes));
    },
    onEnd(reusable, idleS) {
      answers.push({ status, body: Buffer.concat(body).toString(), reusable, idleS });
      if (answers.length < requests) parser.expect();
    },
  });
  parser.expect();
  for (const piece of pieces) parser.push(Buffer.from(piece));
  if (ended) parser.finish();
  return answers;
}

const ok = '{"errcode":0,"errmsg":"ok","msgid":3557254367693750277}';
const counted = `HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nContent-Length: ${ok.length}\r\n\r\n${ok}`;
const chunked = `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\n${ok.slice(0, 5)}\r\n${(ok.length - 5).toString(16).toUpperCase()}\r\n${ok.slice(5)}\r\n0\r\nTrailer: x\r\n\r\n`;

test('an answer is read the same wherever its bytes are cut', () => {
  for (const text of [counted, chunked, `HTTP/1.1 100 Continue\r\n\r\n${counted}`]) {
    const whole = read([text]);
    assert.deepEqual(whole, [{ status: 200, body: ok, reusable: true, idleS: null }]);
    assert.deepEqual(read([...text].map((char) => char)), whole);
    fc.assert(
      fc.property(fc.array(fc.nat(text.length), { maxLength: 8 }), (cuts) => {
        const at = [0, ...cuts.toSorted((a, b) => a - b), text.length];
        const pieces = at.slice(1).map((end, i) => text.slice(at[i], end));
        assert.deepEqual(read(pieces.filter((piece) => piece !== '')), whole);
      }),
    );
  }
});

test('any body arrives as it was sent, counted, in chunks or until the connection ends', () => {
  const bodies = fc.array(fc.uint8Array({ maxLength: 2000 }), { maxLength: 6 });
  fc.assert(
    fc.property(bodies, (parts) => {
      const body = Buffer.concat(parts);
      const head = (headers: string): Buffer => Buffer.from(`HTTP/1.1 200 OK\r\n${headers}\r\n`);
      const seen = (pieces: Buffer[], ended = false): Buffer => {
        const got: Buffer[] = [];
        let ends = 0;
        const parser = new ResponseParser({
          onHead() {},
          onBody: (bytes) => void got.push(Buffer.from(bytes)),
          onEnd: () => void ends++,
        });
        parser.expect();
        for (const piece of pieces) parser.push(piece);
        if (ended) assert.ok(parser.finish());
        assert.equal(ends, 1);
        return Buffer.concat(got);
      };
      assert.deepEqual(
        seen([head(`content-length: ${body.length}\r\n`), ...parts].filter((p) => p.length > 0) as Buffer[]),
        body,
      );
      const chunks = parts
        .filter((part) => part.length > 0)
        .flatMap((part) => [
          Buffer.from(`${part.length.toString(16)}\r\n`),
          Buffer.from(part),
          Buffer.from('\r\n'),
        ]);
      assert.deepEqual(
        seen([head('transfer-encoding: Chunked\r\n'), ...chunks, Buffer.from('0\r\n\r\n')]),
        body,
      );
      assert.deepEqual(
        seen(
          [head(''), body].filter((p) => p.length > 0),
          true,
        ),
        body,
      );
    }),
  );
});

test('one connection carries answer after answer, and says for how long', () => {
  const hint = counted.replace('\r\n\r\n', '\r\nKeep-Alive: timeout=75, max=100\r\n\r\n');
  const answers = read([counted, chunked, hint, 'HTTP/1.1 204 No Content\r\n\r\n'], { requests: 4 });
  assert.deepEqual(
    answers.map(({ status, reusable, idleS }) => [status, reusable, idleS]),
    [
      [200, true, null],
      [200, true, null],
      [200, true, 75],
      [204, true, null],
    ],
  );
});

test('what ends the connection is not used again', () => {
  const cases = [
    counted.replace('keep-alive', 'Close'),
    counted.replace('HTTP/1.1', 'HTTP/1.0').replace('Connection: keep-alive\r\n', ''),
    `${counted}HTTP/1.1 200 OK\r\n`,
    counted.replace('keep-alive', 'close\r\nConnection: keep-alive'),
  ];
  for (const text of cases)
    assert.deepEqual(
      read([text]).map((one) => [one.body, one.reusable]),
      [[ok, false]],
      text,
    );
  // What follows may be its body after all.
  assert.equal(read(['HTTP/1.1 304 Not Modified\r\nContent-Length: 2\r\n\r\n'])[0]?.reusable, false);
  const open = `HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n${ok}`;
  assert.deepEqual(read([open]), []);
  assert.deepEqual(
    read([open], { ended: true }).map((one) => [one.body, one.reusable]),
    [[ok, false]],
  );
  // Kept by a server of old.
  assert.equal(read([counted.replace('HTTP/1.1', 'HTTP/1.0')])[0]?.reusable, true);
});

test('an answer that is cut is none', () => {
  for (const text of [counted, chunked])
    for (const end of [10, 40, text.length - 3])
      assert.deepEqual(read([text.slice(0, end)], { ended: true }), [], text.slice(0, end));
});

test('what could be read in two ways is not read', () => {
  const bad = [
    'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nok',
    'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    'HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\n\r\nok',
    'HTTP/1.1 200 OK\r\nContent-Length: +2\r\n\r\nok',
    'HTTP/1.1 200 OK\r\nContent-Length: 0x2\r\n\r\nok',
    'HTTP/1.1 200 OK\r\nContent-Length : 2\r\n\r\nok',
    'HTTP/1.1 200 OK\r\nContent-Length: 2\n\r\n\r\nok',
    'HTTP/1.1 200 OK\r\nA: b\r\n Content-Length: 2\r\n\r\nok',
    'HTTP/1.1 200 OK\r\nno colon\r\n\r\nok',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-2\r\nok\r\n0\r\n\r\n',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2 3\r\nok\r\n0\r\n\r\n',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nok\r\n0\r\n\r\n',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n123456789\r\nok\r\n0\r\n\r\n',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nno colon\r\n\r\n',
    'HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n',
    'HTTP/2 200\r\n\r\n',
    'HTTP/1.1 20 OK\r\n\r\n',
    'SSH-2.0-OpenSSH',
    `HTTP/1.1 200 OK\r\nA: ${'b'.repeat(17 * 1024)}`,
    `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;${'b'.repeat(2000)}`,
  ];
  for (const text of bad) assert.throws(() => read([text]), HttpSyntaxError, text.slice(0, 100));
  const idle = new ResponseParser({ onHead() {}, onBody() {}, onEnd() {} });
  assert.throws(() => idle.push(Buffer.from(counted)), HttpSyntaxError, 'an answer to no request');
});

test('random bytes throw that one error, or are no answer yet', () => {
  const pieces = fc.oneof(
    fc.constantFrom(
      'HTTP/1.1 200 OK\r\n',
      '\r\n',
      'Content-Length: 3\r\n',
      'Transfer-Encoding: chunked\r\n',
      '3\r\n',
      'abc',
      '0\r\n\r\n',
    ),
    fc.string({ maxLength: 5 }),
  );
  fc.assert(
    fc.property(fc.array(pieces, { minLength: 1, maxLength: 12 }), (texts) => {
      try {
        read(
          texts.filter((text) => text !== ''),
          { ended: true },
        );
      } catch (error) {
        assert.ok(error instanceof HttpSyntaxError);
      }
    }),
    { numRuns: 500 },
  );
});
