import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { parseCallbackBody } from './body.ts';
import type { CallbackFields } from './event.ts';

const fieldsOf = (text: string | Buffer): CallbackFields | undefined =>
  parseCallbackBody(Buffer.isBuffer(text) ? text : Buffer.from(text))?.fields;
const xml = (inside: string): CallbackFields | undefined => fieldsOf(`<xml>${inside}</xml>`);
const nested = (depth: number): string => '<a>'.repeat(depth) + '</a>'.repeat(depth);

test('the format is told by the first character, whatever stands before it', () => {
  for (const blank of ['', ' \r\n\t', '\ufeff', '\ufeff \n']) {
    assert.deepEqual(parseCallbackBody(Buffer.from(`${blank}{"a":"1"}\n`)), {
      format: 'json',
      fields: { a: '1' },
    });
    assert.deepEqual(parseCallbackBody(Buffer.from(`${blank}<xml><a>1</a></xml>\n`)), {
      format: 'xml',
      fields: { a: '1' },
    });
  }
  for (const text of ['', '   ', '\ufeff', 'success', '[1]', '"a"', 'a=b&c=d', '\0{}', '1', 'null']) {
    assert.equal(fieldsOf(text), undefined, JSON.stringify(text));
  }
  assert.equal(fieldsOf(Buffer.from('<xml><a>1</a></xml>', 'utf16le')), undefined);
});

describe('XML', () => {
  test('gives text, nested fields, and a list for what occurs twice', () => {
    assert.deepEqual(
      xml('\n<A><![CDATA[ 1 < 2 ]]></A>\n<B>\n <C>x</C>\n <D/>\n</B><E>1</E><E><F>2</F></E><E></E>'),
      { A: ' 1 < 2 ', B: { C: 'x', D: '' }, E: ['1', { F: '2' }, ''] },
    );
    assert.deepEqual(fieldsOf('<xml/>'), {});
    assert.deepEqual(fieldsOf('<?xml version="1.0" encoding="UTF-8"?>\n<!-- c --><xml><A>1</A></xml>'), {
      A: '1',
    });
  });

  test('decodes the five entities and character references, and CDATA not at all', () => {
    assert.deepEqual(
      xml('<A>&lt;&gt;&amp;&quot;&apos;&#40511;&#x96C1;&#x1F426;</A><B><![CDATA[&lt;a]]]]><![CDATA[>]]></B>'),
      {
        A: '<>&"\'鸿雁🐦',
        B: '&lt;a]]>',
      },
    );
  });

  test('keeps names that objects inherit as fields of their own', () => {
    const fields = xml(
      '<__proto__><Event>x</Event></__proto__><constructor>y</constructor><toString>z</toString>',
    );
    assert.deepEqual(Object.entries(fields ?? {}), [
      ['__proto__', { Event: 'x' }],
      ['constructor', 'y'],
      ['toString', 'z'],
    ]);
    assert.equal(Object.getPrototypeOf(fields), Object.prototype);
    const twice = xml('<__proto__>1</__proto__><__proto__>2</__proto__><__proto__>3</__proto__>');
    assert.deepEqual(Object.entries(twice ?? {}), [['__proto__', ['1', '2', '3']]]);
    assert.equal('Event' in {}, false);
  });

  test('puts a blank where WeChat left a control character in a text', () => {
    assert.deepEqual(xml('<A><![CDATA[a\u0008b\u0000c\uffff]]></A>'), { A: 'a b c ' });
  });

  test('keeps bytes that are not UTF-8 as U+FFFD', () => {
    const body = Buffer.concat([
      Buffer.from('<xml><A>'),
      Buffer.from([0xe9, 0xb8]),
      Buffer.from('</A></xml>'),
    ]);
    assert.deepEqual(fieldsOf(body), { A: '\ufffd' });
  });

  test('refuses DTDs, entities and processing instructions', () => {
    const laughs = `<!DOCTYPE xml [<!ENTITY a "ha">${Array.from({ length: 9 }, (_, n) => `<!ENTITY b${n} "${'&a;'.repeat(10)}">`).join('')}]><xml><A>&b8;</A></xml>`;
    for (const text of [
      laughs,
      '<!DOCTYPE xml><xml><A>1</A></xml>',
      '<!DOCTYPE xml SYSTEM "http://127.0.0.1/x.dtd"><xml><A>1</A></xml>',
      '<!DOCTYPE xml [<!ENTITY e SYSTEM "file:///etc/passwd">]><xml><A>&e;</A></xml>',
      '<?xml version="1.0"?><!DOCTYPE xml [<!ENTITY % p SYSTEM "http://127.0.0.1/p">%p;]><xml><A>1</A></xml>',
      '<xml><A>&nbsp;</A></xml>',
      '<xml><A>&constructor;</A></xml>',
      '<xml><A>&__proto__;</A></xml>',
      '<xml><A b="&e;">1</A></xml>',
      '<xml><A>&#0;</A></xml>',
      '<xml><A>&#xD800;</A></xml>',
      '<xml><A>&#x110000;</A></xml>',
      '<xml><?php echo 1 ?><A>1</A></xml>',
      '<?xml-stylesheet href="a"?><xml><A>1</A></xml>',
      '<xml><!DOCTYPE a><A>1</A></xml>',
    ]) {
      assert.equal(fieldsOf(text), undefined, text.slice(0, 80));
    }
  });

  test('refuses what is not well-formed, and another root', () => {
    for (const text of [
      '<',
      '<xml>',
      '<xml><A>1</xml>',
      '<xml><A>1</B></xml>',
      '<xml><A>1</A></xml><xml/>',
      '<xml><A>1</A></xml>x',
      '<xml><A><![CDATA[1</A></xml>',
      '<xml><A b=c>1</A></xml>',
      '<xml><A b="1" b="2">1</A></xml>',
      '<xml>a & b</xml>',
      '<XML><A>1</A></XML>',
      '<html><body>502</body></html>',
    ]) {
      assert.equal(fieldsOf(text), undefined, text);
    }
  });

  test('has limits for depth, number and size', () => {
    assert.notEqual(xml(nested(15)), undefined);
    assert.equal(xml(nested(16)), undefined);
    assert.equal(xml('<a>'.repeat(100_000)), undefined);
    assert.equal(xml('<a/>'.repeat(9_999))?.a?.length, 9_999);
    assert.equal(xml('<a/>'.repeat(10_000)), undefined);
    assert.equal(xml(`<a>${'鸿'.repeat(349_000)}</a>`)?.a?.length, 349_000);
    assert.equal(xml(`<a>${'x'.repeat(1024 * 1024)}</a>`), undefined);
  });
});

describe('JSON', () => {
  test('gives every scalar as text, with the digits that were sent', () => {
    assert.deepEqual(
      fieldsOf(
        '{"a":1234567890123456789,"b":1.50,"c":-0,"d":1e3,"e":true,"f":null,"g":["x",2,{"h":[]}],"i":{}}',
      ),
      {
        a: '1234567890123456789',
        b: '1.50',
        c: '-0',
        d: '1e3',
        e: 'true',
        f: '',
        g: ['x', '2', { h: [] }],
        i: {},
      },
    );
  });

  test('keeps names that objects inherit as fields of their own', () => {
    const fields = fieldsOf('{"__proto__":{"Event":"x"},"constructor":1,"a":{"__proto__":2}}');
    assert.deepEqual(Object.keys(fields ?? {}), ['__proto__', 'constructor', 'a']);
    assert.equal(Object.getPrototypeOf(fields), Object.prototype);
    assert.equal(fields?.Event, undefined);
    assert.deepEqual(Object.entries(fields?.a ?? {}), [['__proto__', '2']]);
  });

  test('takes control characters and line breaks that WeChat left in a text', () => {
    assert.deepEqual(fieldsOf('{\n\t"a":"x\ny\u0007z\t"\r\n}'), { a: 'x y z ' });
  });

  test('makes no text that a database refuses', () => {
    assert.deepEqual(fieldsOf('{"a\\u0000":"b\\u0000c","d":"\\ud83d","e":"\\ud83e\\udebf"}'), {
      'a\ufffd': 'b\ufffdc',
      d: '\ufffd',
      e: '🪿',
    });
  });

  test('refuses what is no JSON object', () => {
    for (const text of [
      '{',
      '{}}',
      '{"a":1,}',
      '{"a":1}{"b":2}',
      "{'a':1}",
      '{"a":01}',
      '{"a":"\\x"}',
      '{"a":NaN}',
    ]) {
      assert.equal(fieldsOf(text), undefined, text);
    }
  });

  test('has limits for depth and number', () => {
    assert.notEqual(fieldsOf(`${'{"a":'.repeat(16)}1${'}'.repeat(16)}`), undefined);
    assert.equal(fieldsOf(`${'{"a":'.repeat(17)}1${'}'.repeat(17)}`), undefined);
    assert.equal(fieldsOf(`{"a":${'['.repeat(500_000)}`), undefined);
    assert.equal(fieldsOf(`{"a":[${'1,'.repeat(9_000)}1]}`)?.a?.length, 9_001);
    assert.equal(fieldsOf(`{"a":[${'1,'.repeat(10_000)}1]}`), undefined);
    assert.deepEqual(fieldsOf(`{"a":"${'[{,'.repeat(10_000)}\\""}`)?.a?.length, 30_001);
  });

  test('gives back any object of texts', () => {
    const texts = fc.string({ unit: 'grapheme' });
    const values = fc.letrec<{ value: unknown }>((tie) => ({
      value: fc.oneof(
        { depthSize: 'small', maxDepth: 4 },
        texts,
        fc.array(tie('value')),
        fc.dictionary(texts, tie('value')),
      ),
    })).value;
    fc.assert(
      fc.property(fc.dictionary(texts, values), (fields) => {
        const text = JSON.stringify(fields);
        assert.equal(JSON.stringify(fieldsOf(text)), text);
      }),
    );
  });
});

test('no body throws', () => {
  const pieces = fc.constantFrom(
    '<xml>',
    '</xml>',
    '<a>',
    '</a>',
    '<![CDATA[',
    ']]>',
    '<!DOCTYPE',
    '<!--',
    '-->',
    '<?',
    '?>',
    '&',
    ';',
    '&#',
    '{',
    '}',
    '[',
    ']',
    '"',
    ':',
    ',',
    '\\u',
    '__proto__',
    '\0',
    '鸿',
    ' ',
    '1',
  );
  fc.assert(
    fc.property(
      fc.string({ unit: pieces, maxLength: 40 }),
      fc.constantFrom('<xml>', '{', ''),
      (text, start) => {
        fieldsOf(start + text);
      },
    ),
    { numRuns: 2_000 },
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void fieldsOf(Buffer.from(bytes))),
    { numRuns: 1_000 },
  );
});
