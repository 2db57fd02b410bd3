import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clientChoices, isAccept } from './client-results.ts';

const [one, two] = ['template-0000000001', 'template-0000000002'];
const invalid = { code: 'CREDIT_REPORT_INVALID' };

test('reads what both clients give, as they give it', () => {
  const results = { errMsg: 'requestSubscribeMessage:ok', [one]: 'accept', [two]: 'reject' };
  assert.deepEqual(clientChoices(results, undefined), [
    { templateId: one, choice: 'accept' },
    { templateId: two, choice: 'reject' },
  ]);
  const details = JSON.stringify({ [one]: JSON.stringify({ status: 'cancel' }) });
  assert.deepEqual(clientChoices(undefined, details), [{ templateId: one, choice: 'cancel' }]);
  assert.deepEqual(clientChoices(undefined, { [one]: { status: 'filter' } }), [
    { templateId: one, choice: 'filter' },
  ]);
});

test('every word that begins with accept is a credit, and no other', () => {
  assert.deepEqual(['accept', 'acceptWithAudio', 'acceptWithAlert'].map(isAccept), [true, true, true]);
  assert.deepEqual(['reject', 'ban', 'filter', 'cancel', 'Accept', ''].filter(isAccept), []);
});

test('a template that is named twice, too many of them, or none, is no report', () => {
  const details = { [one]: { status: 'accept' } };
  assert.throws(() => clientChoices({ [one]: 'accept' }, details), invalid);
  assert.throws(() => clientChoices({ errMsg: 'ok' }, undefined), invalid);
  const named = (count: number): Record<string, string> =>
    Object.fromEntries(Array.from({ length: count }, (_, i) => [`${one}-${i}`, 'accept']));
  assert.equal(clientChoices(named(20), undefined).length, 20);
  assert.throws(() => clientChoices(named(21), undefined), invalid);
  for (const length of [16, 64])
    assert.equal(clientChoices({ ['x'.repeat(length)]: 'accept' }, undefined).length, 1, String(length));
  for (const bad of [
    { ['x'.repeat(15)]: 'accept' },
    { ['x'.repeat(65)]: 'accept' },
    { ['x'.repeat(16).concat('.')]: 'accept' },
    { [one]: '' },
    { [one]: 'no word' },
    { [one]: '{broken' },
    { [one]: 7 },
  ])
    assert.throws(() => clientChoices(bad, undefined), invalid, JSON.stringify(bad));
  for (const bad of ['{broken', '[]', 7, null]) assert.throws(() => clientChoices(undefined, bad), invalid);
});
