import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { checkField, fieldClass, fieldLength, truncateField, warnField } from './fields.ts';

const rule = (key: string, value: string, context = {}): string | null =>
  checkField(key, value, context)?.rule ?? null;

test('keys of typed templates have a class, free keys have none', () => {
  const classes: Record<string, string | null> = {
    thing1: 'thing',
    number01: 'number',
    enum_string2: 'enum_string',
    character_string9: 'character_string',
    phone_number7: 'phone_number',
    car_number8: 'car_number',
    short_thing7: 'short_thing',
    const5: 'const',
    name12: 'name',
    keyword1: null,
    first: null,
    remark: null,
    name: null,
    date: null,
    site01: null,
    withdrawMoney: null,
    constructor1: null,
    toString2: null,
    '': null,
  };
  for (const [key, expected] of Object.entries(classes)) assert.equal(fieldClass(key), expected, key);
});

test('every sample of WeChat’s table passes', () => {
  const samples: Record<string, string[]> = {
    thing1: ['TIT创意园', '广州市新港中路397号', '(喜报)-111营元'],
    number1: ['339208499', '3.14', '-5', '+5', '9'.repeat(32)],
    letter1: ['ABCdef', 'a'.repeat(32)],
    symbol1: ['***', '！@#￥%'],
    character_string1: ['SF-20230101#1', '0'.repeat(32)],
    time1: [
      '15:01',
      '15:01:59',
      '9:05',
      '2019年10月1日 15:01',
      '2019年10月1日15:01',
      '15:01~16:30',
      '2023-09-12 19:43:07',
      '2019年8月8日',
      '2024-05-29',
      '2019-10-01 15:01~2019-10-02 16:01',
    ],
    date1: [
      '2019年10月1日',
      '2019年10月1日 15:01',
      '2015年01月05日',
      '2018-01-01',
      '2018/01/01',
      '2018.01.01',
      '2018-01',
      '01-01',
      '10月1日',
      '2019年10月',
      '2019年10月1日~2019年10月3日',
    ],
    amount1: ['￥100.00', '¥100', '12.5元', '$9', '1234567890'],
    phone_number1: ['+86-0766-66888866', '13800138000'],
    car_number1: ['粤A8Z888挂', '粤B12345', 'AB123'],
    name1: ['张三', 'John Smith', '欧阳娜娜欧阳娜娜欧阳', 'a'.repeat(20)],
    phrase1: ['配送中', '一二三四五', '𠮷祥'],
    enum_string1: ['客厅'],
    const1: ['已发货', ''],
    short_thing1: ['已完成'],
  };
  for (const [key, values] of Object.entries(samples)) {
    for (const value of values) assert.equal(rule(key, value), null, `${key} ${JSON.stringify(value)}`);
  }
});

test('values outside the table are refused with the rule they break', () => {
  const bad: Array<[string, string, string]> = [
    ['thing1', '一二三四五六七八九十一二三四五六七八九十一', 'too-long'],
    ['thing1', '', 'empty'],
    ['thing1', '   ', 'empty'],
    ['thing1', '第一行\n第二行', 'control-character'],
    ['thing1', 'a\tb', 'control-character'],
    ['thing1', 'a\u0000b', 'control-character'],
    ['thing1', 'a\u2028b', 'control-character'],
    ['thing1', 'a\ud83d', 'charset'],
    ['number1', '12a', 'charset'],
    ['number1', '１２３', 'charset'],
    ['number1', '9'.repeat(33), 'too-long'],
    ['letter1', 'abc1', 'charset'],
    ['letter1', 'a'.repeat(33), 'too-long'],
    ['symbol1', '*a', 'charset'],
    ['symbol1', '中', 'charset'],
    ['symbol1', '******', 'too-long'],
    ['character_string1', '订单1', 'charset'],
    ['character_string1', '0'.repeat(33), 'too-long'],
    ['time1', '25:00', 'format'],
    ['time1', '15：01', 'format'],
    ['time1', '下午3点', 'format'],
    ['time1', '15:60', 'format'],
    ['date1', '15:01', 'format'],
    ['date1', '2019年13月1日', 'format'],
    ['date1', '2019-10-32', 'format'],
    ['date1', '2019-10-01T15:01:00Z', 'format'],
    ['amount1', '12345678901', 'too-long'],
    ['amount1', '一百元', 'format'],
    ['amount1', '100 元', 'format'],
    ['amount1', '1,000.00', 'format'],
    ['phone_number1', '138-0013-8000-1234', 'too-long'],
    ['phone_number1', '电话138', 'charset'],
    ['car_number1', '粤A8Z8888挂', 'too-long'],
    ['car_number1', '粤A粤Z888', 'charset'],
    ['name1', '欧阳娜娜欧阳娜娜欧阳娜', 'too-long'],
    ['name1', '王John Smith', 'too-long'],
    ['name1', 'a'.repeat(21), 'too-long'],
    ['phrase1', '配送中1', 'charset'],
    ['phrase1', '一二三四五六', 'too-long'],
    ['enum_string1', '', 'empty'],
    ['const1', '长'.repeat(21), 'too-long'],
  ];
  for (const [key, value, expected] of bad) {
    assert.equal(rule(key, value), expected, `${key} ${JSON.stringify(value)}`);
  }
});

test('a problem says which field, how long the value is and how long it may be, in both languages', () => {
  const problem = checkField('thing4', '一二三四五六七八九十一二三四五六七八九十一');
  assert.equal(problem?.length, 21);
  assert.equal(problem?.maxLength, 20);
  for (const text of [problem?.message.en, problem?.message.zh]) {
    assert.match(text ?? '', /thing4.*21.*20/s);
  }
});

test('an enum takes only the template’s values, a constant only the approved ones or nothing', () => {
  assert.equal(rule('enum_string2', '客厅', { enumValues: ['客厅', '厨房'] }), null);
  assert.equal(rule('enum_string2', '车库', { enumValues: ['客厅', '厨房'] }), 'not-in-enum');
  assert.equal(rule('enum1', '', { enumValues: ['客厅'] }), 'empty');
  assert.equal(rule('const5', '已发货', { constValues: ['已发货'] }), null);
  assert.equal(rule('const5', '未发货', { constValues: ['已发货'] }), 'not-in-const');
  assert.equal(rule('const5', '', { constValues: ['已发货'] }), null);
  // An approved value is never too long, whatever the table says.
  const long = '设备发生故障，导致工作异常，请及时查看并联系客服';
  assert.equal(rule('const5', long, { constValues: [long] }), null);
});

test('an amount has 10 digits for a Mini Program and 12 for an Official Account, decimals not counted', () => {
  assert.equal(rule('amount1', '￥1234567890.55元'), null);
  assert.equal(rule('amount1', '123456789012', { family: 'oa' }), null);
  assert.deepEqual(checkField('amount1', '￥1234567890123.5', { family: 'oa' })?.length, 13);
});

test('free keys are never refused, only warned about', () => {
  const long = '长'.repeat(50);
  assert.equal(checkField('keyword1', `${long}\n`), null);
  assert.equal(warnField('keyword1', long)?.rule, 'shown-shortened');
  assert.equal(warnField('first', '两\n行')?.rule, 'line-break');
  assert.equal(warnField('remark', '长'.repeat(20)), null);
  assert.equal(warnField('remark', '好😀'), null);
  assert.equal(warnField('remark', '好😀', { family: 'oa' })?.rule, 'emoji-hidden');
});

test('a length that fits by code points but not by UTF-16 units is sent with a warning', () => {
  const rareHan = '𠮷'.repeat(20);
  assert.equal(checkField('thing1', rareHan), null);
  assert.equal(warnField('thing1', rareHan)?.rule, 'length-uncertain');
  assert.equal(warnField('thing1', '𠮷'.repeat(10)), null);
  assert.equal(rule('thing1', '𠮷'.repeat(21)), 'too-long');
  assert.equal(warnField('name1', '𠮷'.repeat(6))?.rule, 'length-uncertain');
  assert.equal(warnField('short_thing7', '六个字的内容')?.maxLength, 5);
  assert.equal(warnField('short_thing7', '已完成'), null);
});

test('only a thing is shortened, never an order number, an amount or a phone number', () => {
  assert.equal(truncateField('thing1', 'TIT创意园'), 'TIT创意园');
  assert.equal(
    truncateField('thing1', '一二三四五六七八九十一二三四五六七八九十一'),
    '一二三四五六七八九十一二三四五六七八九…',
  );
  for (const key of ['character_string1', 'amount1', 'phone_number1', 'number1', 'keyword1', 'name1']) {
    assert.equal(truncateField(key, '1'.repeat(60)), null, key);
  }
  const family = '👨‍👩‍👧‍👦';
  assert.equal(truncateField('thing1', `${'字'.repeat(15)}${family}${family}`), `${'字'.repeat(15)}…`);
});

/** Chinese, rare four-byte Chinese, emoji with joiners and modifiers, ASCII, accents. */
const character = fc.oneof(
  fc.integer({ min: 0x4e00, max: 0x9fff }).map((code) => String.fromCodePoint(code)),
  fc.integer({ min: 0x20000, max: 0x2a6df }).map((code) => String.fromCodePoint(code)),
  fc.constantFrom('😀', '👍🏽', '👨‍👩‍👧‍👦', '🇨🇳', 'é', 'e\u0301', '￥', '，'),
  fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCodePoint(code)),
);
const text = fc.array(character, { maxLength: 40 }).map((characters) => characters.join(''));

test('property: a thing passes exactly when it has 1 to 20 code points', () => {
  fc.assert(
    fc.property(text, (value) => {
      const length = [...value].length;
      assert.equal(fieldLength(value), length);
      assert.equal(rule('thing1', value), length === 0 ? 'empty' : length > 20 ? 'too-long' : null);
      const warned = warnField('thing1', value) !== null;
      assert.equal(warned, length <= 20 && value.length > 20);
    }),
  );
});

test('property: a shortened thing passes, starts the same, and is not shortened again', () => {
  fc.assert(
    fc.property(
      text.filter((value) => value !== ''),
      (value) => {
        const shown = truncateField('thing1', value);
        assert.ok(shown !== null);
        assert.equal(checkField('thing1', shown), null);
        assert.equal(truncateField('thing1', shown), shown);
        assert.ok(shown === value || value.startsWith(shown.slice(0, -1)));
        assert.ok(shown.isWellFormed());
      },
    ),
  );
});

test('property: no class passes a value with a line break, and no check throws', () => {
  const key = fc.constantFrom(
    ...'thing1 number1 letter1 symbol1 character_string1 time1 date1 amount1 phone_number1 car_number1 name1 phrase1 enum1 enum_string1 const1 short_thing1'.split(
      ' ',
    ),
  );
  fc.assert(
    fc.property(key, fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (k, before, after) => {
      assert.notEqual(checkField(k, `${before}\n${after}`), null);
      const problem = checkField(k, before);
      assert.ok(problem === null || problem.message.zh.includes(k));
      warnField(k, before);
      truncateField(k, before);
    }),
  );
});
