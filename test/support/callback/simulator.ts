import assert from 'node:assert/strict';
import {
  type AccountOptions,
  type SimulatedAccount,
  type Simulator,
  startSimulator,
} from '../../../src/simulator/index.ts';
import type { Caller } from '../simulated.ts';
import type { CallbackReceiver } from './receiver.ts';

/** A simulator whose only account pushes to the receiver, without waiting. */
export async function simulatorFor(
  receiver: CallbackReceiver,
  options: AccountOptions = {},
): Promise<Simulator> {
  const simulator = await startSimulator({
    callback: { url: receiver.url, ...options.callback },
    ...options,
    events: { jitterMs: 0, ...options.events },
  });
  trust(receiver, simulator.account());
  return simulator;
}

export function trust(receiver: CallbackReceiver, { appid, events }: SimulatedAccount): void {
  const { callback } = events;
  assert.ok(callback !== undefined);
  receiver.secrets = { appid, token: callback.token, encodingAESKey: callback.encodingAESKey };
}

/** Sends a template message to each of those people; the msgids. */
export async function sendTo(caller: Caller, indexes: Iterable<number>): Promise<string[]> {
  const template_id = caller.template('oa');
  const msgids: string[] = [];
  for (const index of indexes) {
    const answer = await caller.post('/cgi-bin/message/template/send', {
      touser: caller.account.openid(index),
      template_id,
      data: {},
    });
    msgids.push(/"msgid":(\d+)/.exec(answer)?.[1] ?? answer);
  }
  return msgids;
}

export function* range(count: number): Generator<number> {
  for (let index = 0; index < count; index++) yield index;
}
