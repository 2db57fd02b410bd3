import assert from 'node:assert/strict';
import { test } from 'node:test';
import { switches } from '../resolve-options.ts';
import { fieldClass, fieldRule } from './field-rules.ts';

/** Class: what passes, what does not. */
const cases: Record<string, [good: string[], bad: string[]]> = {
  thing: [
    ['TIT创意园', '一'.repeat(20), '𠮷'.repeat(20), 'a b!'],
    ['一'.repeat(21), 'a'.repeat(21), 'a\nb', 'a\tb'],
  ],
  number: [
    ['339208499', '-1.5', '1'.repeat(32)],
    ['1'.repeat(33), '1e5', '一', '1,000', '.5'],
  ],
  letter: [
    ['ABCdef', 'a'.repeat(32)],
    ['a'.repeat(33), 'a1', 'é'],
  ],
  symbol: [
    ['***', '！？'],
    ['******', 'a*', '1', '字', 'é', 'Ａ'],
  ],
  character_string: [
    ['SF-20230101#1', 'a'.repeat(32)],
    ['a'.repeat(33), '单号1', 'a\n'],
  ],
  time: [
    ['15:01', '2019年10月1日 15:01', '15:01~16:30', '2019年8月8日', '2023-09-12 19:43:07', '2024/05/29 0:00'],
    ['25:00', '15:60', '明天', '15点', '2019年10月1日 15:01 ~ 16:00'],
  ],
  date: [
    ['2019年10月1日', '2019年10月1日 15:01', '2018-01-01', '2018.01', '01-01', '2019年10月1日~2019年10月7日'],
    ['15:01', '2019', '20191001', '10月'],
  ],
  amount: [
    ['￥100.00', '12.5元', '1234567890'],
    ['12345678901', '￥￥1', '1,000', '-1', '元'],
  ],
  phone_number: [
    ['+86-0766-66888866', '13800138000'],
    ['1'.repeat(18), '电话1', '138x'],
  ],
  car_number: [
    ['粤A8Z888挂', '粤A12345'],
    ['粤A8Z8888挂', 'A粤8', '粤A-123'],
  ],
  name: [
    ['张三', 'John Smith', 'a'.repeat(20), '一'.repeat(10)],
    ['一'.repeat(11), 'a'.repeat(21), '张aaaaaaaaaa'],
  ],
  phrase: [
    ['配送中', '一'.repeat(5)],
    ['一'.repeat(6), '配送1', 'a'],
  ],
  short_thing: [['一二三四五'], ['一二三四五六']],
  const: [['已发货', ''], ['未发货']],
  enum_string: [['已发货'], ['未发货']],
  enum: [['已发货'], ['未发货']],
};

test('each parameter class takes what the documents allow and nothing else', () => {
  for (const [name, [good, bad]] of Object.entries(cases)) {
    const rule = fieldRule(name, ['已发货'], switches);
    for (const value of good) assert.equal(rule(value), true, `${name} should take ${JSON.stringify(value)}`);
    for (const value of bad)
      assert.equal(rule(value), false, `${name} should refuse ${JSON.stringify(value)}`);
  }
});

test('switches move the limits that the documents leave open', () => {
  assert.equal(fieldRule('thing', [], { ...switches, lengthUnit: 'utf16' })('𠮷'.repeat(11)), false);
  assert.equal(fieldRule('amount', [], { ...switches, amountMaxDigits: 12 })('123456789012'), true);
  assert.equal(fieldRule('short_thing', [], { ...switches, shortThingMax: 6 })('一二三四五六'), true);
});

test('only numbered keys of a known class are typed', () => {
  assert.equal(fieldClass('character_string12'), 'character_string');
  assert.equal(fieldClass('thing01'), 'thing');
  for (const key of ['keyword1', 'first', 'remark', 'thing', 'date', 'name']) {
    assert.equal(fieldClass(key), undefined, key);
  }
});
