import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { StringTable, unescapeXlsx } from './strings.ts';

describe('shared strings of a workbook', () => {
  it('come back by number across pages, in any script', () => {
    const table = new StringTable('a.xlsx');
    const texts = Array.from({ length: 5000 }, (_, i) => `${i}张三🦢${'x'.repeat(i % 997)}`);
    for (const text of texts) table.add(text);
    texts.forEach((text, i) => {
      assert.equal(table.get(i), text);
    });
    assert.equal(table.get(5000), undefined);
    assert.equal(table.get(-1), undefined);
  });

  it('are refused above the limit of memory', () => {
    const table = new StringTable('a.xlsx');
    const text = 'x'.repeat(1024 * 1024);
    assert.throws(
      () => {
        for (let i = 0; i < 200; i += 1) table.add(text);
      },
      { code: 'RECIPIENT_FILE_TOO_LARGE' },
    );
  });

  it('decode the escapes of characters that XML cannot hold', () => {
    assert.equal(unescapeXlsx('a_x000D_b_x005F_x000D_'), 'a\rb_x000D_');
  });
});
