import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '../../base/clock.ts';
import type { Campaign } from '../../store/campaigns/campaigns.ts';
import { compileMessage } from '../content/compiled-message.ts';
import { judge, type Verdict } from '../sending/verdict.ts';
import { CampaignRate } from './campaign-rate.ts';
import { CampaignRun } from './campaign-run.ts';

const message = compileMessage('mp-subscribe', { template_id: 't', data: { thing1: { value: 'a' } } });
const attempt = { number: 1, maybeSent: 0, resend: false, path: message.path, keyed: false, common: true };
const lost = judge({ kind: 'no-answer', reason: 'gateway', error: new Error('502') }, attempt, 0);
const accepted = judge({ kind: 'accepted', msgid: '1' }, attempt, 0);
const again = judge({ kind: 'not-sent', reason: 'connect', error: new Error('refused') }, attempt, 0);

function refused(errcode: number): Verdict {
  return judge({ kind: 'refused', errcode, errmsg: '', rid: null, msgid: null }, attempt, 0);
}

const rate = new CampaignRate({
  clock: systemClock,
  lease: async () => null,
  onDue: () => {},
  onFailure: () => {},
});

function start(probed: boolean): CampaignRun {
  // Only these two fields are read.
  return new CampaignRun({ probed, plannedCount: 1_000 } as Campaign, message, 64, rate);
}

test('ends when more answers in a row are lost than one broken line explains', () => {
  const run = start(true);
  for (let i = 0; i < 100; i++) assert.equal(run.see(lost), null);
  assert.equal(run.see(accepted), null);
  for (let i = 0; i < 64 + 59; i++) assert.equal(run.see(lost), null);
  assert.equal(run.see(lost), 'ending');
  assert.equal(run.ending?.reason, 'gateway');
});

test('is probed by ten answers, and "try again" or silence is none', () => {
  const run = start(false);
  for (let i = 0; i < 30; i++) assert.equal(run.see(i % 2 === 0 ? again : lost), null);
  for (let i = 0; i < 9; i++) assert.equal(run.see(accepted), null);
  assert.equal(run.see(accepted), 'probed');
});

test('ends after ten refusals of a stop class while probing, whatever lies between them', () => {
  const run = start(false);
  for (let i = 0; i < 9; i++) {
    assert.equal(run.see(refused(40037)), null);
    assert.equal(run.see(again), null);
  }
  assert.equal(run.see(refused(40037)), 'ending');
  assert.equal(run.ending?.reason, 'errcode:40037');
});

test('an answer in between ends a row of refusals', () => {
  const run = start(true);
  for (let i = 0; i < 19; i++) assert.equal(run.see(refused(40037)), null);
  assert.equal(run.see(accepted), null);
  for (let i = 0; i < 19; i++) assert.equal(run.see(refused(40037)), null);
  assert.equal(run.see(refused(40037)), 'ending');
});

test('ends sooner when what answers is not WeChat', () => {
  const foreign = judge({ kind: 'no-answer', reason: 'unparsable', error: new Error('html') }, attempt, 0);
  const run = start(true);
  for (let i = 0; i < 19; i++) assert.equal(run.see(foreign), null);
  assert.equal(run.see(accepted), null);
  for (let i = 0; i < 19; i++) assert.equal(run.see(foreign), null);
  assert.equal(run.see(foreign), 'ending');
  assert.equal(run.ending?.reason, 'unparsable');
  assert.equal(run.see(foreign), null, 'once');
});

test('has no more in flight than the answers that its probe still wants, and one at least', () => {
  const run = start(false);
  assert.equal(run.limit, 10);
  for (let i = 0; i < 9; i++) run.see(accepted);
  assert.equal(run.limit, 1);
  run.see(accepted);
  assert.equal(run.limit, Number.POSITIVE_INFINITY);
  assert.equal(start(true).limit, Number.POSITIVE_INFINITY);
});

test('a large campaign ends with the first of its first thousand that is refused for its content', () => {
  const template = compileMessage('oa-template', { template_id: 't', data: { first: { value: 'a' } } });
  const of = (plannedCount: number): CampaignRun =>
    // Only these fields are read.
    new CampaignRun({ probed: false, plannedCount, channel: 'oa-template' } as Campaign, template, 64, rate);
  const content = judge(
    { kind: 'refused', errcode: 40250, errmsg: '', rid: null, msgid: null },
    { ...attempt, path: template.path, keyed: true },
    0,
  );
  const large = of(10_001);
  assert.equal(large.see(refused(40037)), null, 'another refusal may be the one recipient’s');
  assert.equal(large.see(content), 'ending');
  assert.equal(large.ending?.reason, 'errcode:40250');
  assert.equal(of(10_000).see(content), null);
  const good = of(10_001);
  for (let i = 0; i < 9; i++) assert.equal(good.see(accepted), null);
  assert.equal(good.see(accepted), 'opened', 'its first chunk goes alone all the same');
});
