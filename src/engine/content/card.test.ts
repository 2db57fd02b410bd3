import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Template } from '../../store/accounts/templates.ts';
import { cardOf } from './card.ts';

const template: Template = {
  templateId: 't',
  family: 'template',
  title: '发货通知',
  content: '',
  example: '',
  kind: 'typed',
  type: null,
  fields: [
    { key: 'character_string1', label: '订单编号', class: 'character_string' },
    { key: 'thing2', label: '商品', class: 'thing' },
  ],
  syncedAt: new Date(0),
  goneAt: null,
};
const data = { thing2: { value: '毛笔' }, character_string1: { value: 'A1' }, extra: { value: 'x' } };

test('a card has the labels of its template, in their order, and what has no label last', () => {
  const { title, lines } = cardOf(JSON.stringify({ touser: 'o', data }), template);
  assert.equal(title, '发货通知');
  assert.deepEqual(lines, [
    { label: '订单编号', value: 'A1' },
    { label: '商品', value: '毛笔' },
    { label: '', value: 'x' },
  ]);
});

test('a card says what it opens: the Mini Program before the link', () => {
  const opens = (more: object) => cardOf(JSON.stringify({ data, ...more }), template).opens;
  assert.equal(opens({}), null);
  assert.deepEqual(opens({ url: 'https://x.cn' }), { kind: 'url', url: 'https://x.cn' });
  assert.deepEqual(opens({ page: 'pages/a' }), { kind: 'page', page: 'pages/a' });
  assert.deepEqual(opens({ url: 'https://x.cn', miniprogram: { appid: 'wx1', pagepath: 'pages/b' } }), {
    ...{ kind: 'mini-program', appid: 'wx1', page: 'pages/b' },
  });
});

test('a message without a template shows its keys, and one of customer service its text', () => {
  assert.deepEqual(cardOf(JSON.stringify({ data: { thing1: { value: 'v' } } }), null).lines, [
    { label: 'thing1', value: 'v' },
  ]);
  assert.equal(cardOf(JSON.stringify({ msgtype: 'text', text: { content: '您好' } }), null).text, '您好');
  assert.equal(cardOf(JSON.stringify({ msgtype: 'image', image: {} }), null).text, 'image');
});
