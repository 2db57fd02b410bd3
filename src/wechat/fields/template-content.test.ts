import assert from 'node:assert/strict';
import { test } from 'node:test';
import { explainTemplateId, parseTemplateContent } from './template-content.ts';

const lines = (content: string): string[] =>
  parseTemplateContent(content).fields.map((field) => `${field.label}|${field.key}|${field.class}`);

test('a subscribe template gives label, key and class in the order shown', () => {
  const content = '完成时间:{{time1.DATA}}\n所在位置:{{enum_string2.DATA}}\n提示说明:{{enum_string3.DATA}}\n';
  assert.deepEqual(lines(content), [
    '完成时间|time1|time',
    '所在位置|enum_string2|enum_string',
    '提示说明|enum_string3|enum_string',
  ]);
  assert.equal(parseTemplateContent(content).family, 'typed');
});

test('an industry template is free, with lines that have no label', () => {
  const content =
    '{ {result.DATA} }\n\n领奖金额:{ {withdrawMoney.DATA} }\n领奖  时间:    { {withdrawTime.DATA} }\n银行信息：{{cardInfo.DATA}}\n{{remark.DATA}}';
  assert.deepEqual(lines(content), [
    '|result|null',
    '领奖金额|withdrawMoney|null',
    '领奖 时间|withdrawTime|null',
    '银行信息|cardInfo|null',
    '|remark|null',
  ]);
  assert.equal(parseTemplateContent(content).family, 'free');
});

test('one typed-looking key among free ones does not make a template typed', () => {
  const parsed = parseTemplateContent('{{first.DATA}}\n时间：{{time1.DATA}}\n{{remark.DATA}}');
  assert.equal(parsed.family, 'free');
  assert.equal(parsed.fields[1]?.class, null);
});

test('two fields on a line, a label on the line before, Windows line ends, repeated keys', () => {
  assert.deepEqual(lines('订单号:{{character_string1.DATA}} 时间:{{time2.DATA}}'), [
    '订单号|character_string1|character_string',
    '时间|time2|time',
  ]);
  assert.deepEqual(lines('内容：\r\n{{thing1.DATA}}\r\n备注:{{thing2.DATA}}\r\n又:{{thing1.DATA}}'), [
    '内容|thing1|thing',
    '备注|thing2|thing',
  ]);
  assert.deepEqual(lines('提示\n{{thing1.DATA}}'), ['|thing1|thing']);
});

test('a text without placeholders has no fields', () => {
  assert.deepEqual(parseTemplateContent('您好'), { fields: [], family: 'free' });
});

test('an id of another kind is explained', () => {
  const id = 'VRR0UEO9VJOLs0MHlU0OilqX6MVFDwH3_3gz3Oc0NIc';
  const kinds: Array<[string, string | undefined]> = [
    [id, undefined],
    ['-'.repeat(43), undefined],
    [` ${id}\n`, 'surrounding-characters'],
    [`"${id}"`, 'surrounding-characters'],
    ['TM00015', 'library-short-id'],
    ['OPENTM207102467', 'library-short-id'],
    ['opentm207102467', 'library-short-id'],
    ['99', 'library-tid'],
    ['47123', 'library-tid'],
    ['', 'empty'],
    ['  ', 'empty'],
    [id.slice(1), 'malformed'],
    [`${id}x`, 'malformed'],
    ['模板消息', 'malformed'],
  ];
  for (const [value, kind] of kinds) {
    const problem = explainTemplateId(value);
    assert.equal(problem?.kind, kind, JSON.stringify(value));
    if (problem !== null) {
      assert.notEqual(problem.message.en, '');
      assert.match(problem.message.zh, /\p{Script=Han}/u);
    }
  }
  assert.match(explainTemplateId(id.slice(1))?.message.zh ?? '', /42/);
});
