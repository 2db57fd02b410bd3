import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Campaign } from '../../store/campaigns.ts';
import { compileMessage } from '../message/compiled-message.ts';
import { CampaignRun } from './campaign-run.ts';
import { judge, type Verdict } from './verdict.ts';

const message = compileMessage('mp-subscribe', { template_id: 't', data: { thing1: { value: 'a' } } });
const attempt = { number: 1, maybeSent: 0, resend: false, path: message.path, keyed: false, common: true };
const lost = judge({ kind: 'no-answer', reason: 'gateway', error: new Error('502') }, attempt, 0);
const accepted = judge({ kind: 'accepted', msgid: '1' }, attempt, 0);
const again = judge({ kind: 'not-sent', reason: 'connect', error: new Error('refused') }, attempt, 0);

function refused(errcode: number): Verdict {
  return judge({ kind: 'refused', errcode, errmsg: '', rid: null, msgid: null }, attempt, 0);
}

function start(probed: boolean): CampaignRun {
  // Only these two fields are read.
  return new CampaignRun({ probed, plannedCount: 1_000 } as Campaign, message, 64);
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
