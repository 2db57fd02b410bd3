import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type FaultRule, type Simulator, startSimulator } from '../../src/simulator/index.ts';
import { until } from '../support/in-time.ts';
import { Caller, errcodeOf, refusal, withoutRid } from '../support/simulated.ts';

const TEMPLATE_SEND = '/cgi-bin/message/template/send';

function message(caller: Caller, index: number): object {
  return { touser: caller.account.openid(index), template_id: caller.template('oa'), data: {} };
}

/** The answers of so many sends, one after the other; `lost` where there was none. */
async function outcomes(caller: Caller, sends: number): Promise<(number | 'lost')[]> {
  const all: (number | 'lost')[] = [];
  for (let index = 0; index < sends; index++) {
    const answer = await caller.post(TEMPLATE_SEND, message(caller, index)).catch(() => undefined);
    all.push(answer === undefined ? 'lost' : errcodeOf(answer));
  }
  return all;
}

async function withFault(rule: FaultRule): Promise<{ simulator: Simulator; caller: Caller }> {
  const simulator = await startSimulator({ record: 'full' });
  const caller = await new Caller(simulator).login();
  simulator.addFault({ path: TEMPLATE_SEND, ...rule });
  return { simulator, caller };
}

test('errcodes on demand: the message is not accepted, and the text is WeChat’s', async () => {
  const { simulator, caller } = await withFault({ kind: -1, next: 1 });
  await using _ = simulator;
  assert.equal(withoutRid(await caller.post(TEMPLATE_SEND, message(caller, 0))), refusal(-1, 'system error'));
  assert.equal(caller.account.summary().accepted, 0);
  assert.deepEqual(caller.account.summary().byApi[TEMPLATE_SEND]?.byErrcode, { '-1': 1 });
  simulator.addFault({ kind: 45011, next: 1 });
  assert.equal(
    withoutRid(await caller.get('/cgi-bin/user/get')),
    refusal(45011, 'api minute-quota reach limit, must slower, retry next minute'),
  );
  simulator.addFault({ kind: -1, next: 1, accepted: true });
  assert.equal(errcodeOf(await caller.post(TEMPLATE_SEND, message(caller, 0))), -1);
  assert.equal(caller.account.receivedCount(caller.account.openid(0)), 1);
});

test('requests with given numbers are struck, others are not', async () => {
  const { simulator, caller } = await withFault({ kind: 45011, at: [2, 5] });
  await using _ = simulator;
  assert.deepEqual(await outcomes(caller, 6), [0, 45011, 0, 0, 45011, 0]);
});

test('a connection reset before the request is read: nothing was accepted', async () => {
  const { simulator, caller } = await withFault({ kind: 'reset', at: [2] });
  await using _ = simulator;
  assert.deepEqual(await outcomes(caller, 3), [0, 'lost', 0]);
  assert.equal(caller.account.receivedCount(caller.account.openid(1)), 0);
  assert.equal(caller.account.summary().accepted, 2);
});

test('a connection cut after the message was accepted: it is on record, its answer is lost', async () => {
  const { simulator, caller } = await withFault({ kind: 'cut', at: [2] });
  await using _ = simulator;
  assert.deepEqual(await outcomes(caller, 3), [0, 'lost', 0]);
  assert.equal(caller.account.receivedCount(caller.account.openid(1)), 1);
  assert.equal(caller.account.summary().accepted, 3);
});

test('a gateway’s page is HTML with its own status', async () => {
  const { simulator, caller } = await withFault({ kind: 502, next: 1 });
  await using _ = simulator;
  const send = (): Promise<Response> =>
    fetch(`${simulator.url}${TEMPLATE_SEND}?access_token=${caller.token}`, {
      method: 'POST',
      body: JSON.stringify(message(caller, 0)),
    });
  const page = await send();
  assert.equal(page.status, 502);
  assert.match(page.headers.get('content-type') ?? '', /^text\/html/);
  assert.match(await page.text(), /<h1>502 Bad Gateway<\/h1>/);
  assert.equal(caller.account.summary().accepted, 0);
  simulator.addFault({ kind: 503, next: 1, accepted: true });
  assert.equal((await send()).status, 503);
  assert.equal(caller.account.summary().accepted, 1);
});

test('rates are drawn from the seed: the same twice, another for another seed', async () => {
  const run = async (seed: number): Promise<(number | 'lost')[]> => {
    await using simulator = await startSimulator({
      seed,
      faults: [{ kind: -1, rate: 0.3, path: TEMPLATE_SEND }],
    });
    // Awaited here, or the simulator would close first.
    return await outcomes(await new Caller(simulator).login(), 60);
  };
  const first = await run(1);
  const struck = first.filter((errcode) => errcode === -1).length;
  assert.ok(struck > 5 && struck < 35, `${struck} of 60`);
  assert.deepEqual(await run(1), first);
  assert.notDeepEqual(await run(2), first);
});

test('latency delays answers and close drops those that wait', async () => {
  const simulator = await startSimulator({ latencyMs: 600_000 });
  const answer = new Caller(simulator).classic().then(
    () => 'answered',
    () => 'dropped',
  );
  await until('it has come', async () => simulator.account().summary().byErrcode['0'] === 1);
  await simulator.close();
  assert.equal(await answer, 'dropped');
  await simulator.close();
});

test('a fault of one account leaves the others alone', async () => {
  await using simulator = await startSimulator({ accounts: [{}, {}] });
  const [first, second] = await Promise.all(
    simulator.accounts.map((account) => new Caller(simulator, account).login()),
  );
  assert.ok(first !== undefined && second !== undefined);
  simulator.addFault({ kind: 45009, rate: 1, appid: first.account.appid });
  assert.equal(errcodeOf(await first.get('/cgi-bin/user/get')), 45009);
  assert.equal(errcodeOf(await second.get('/cgi-bin/user/get')), 0);
  simulator.clearFaults();
  assert.equal(errcodeOf(await first.get('/cgi-bin/user/get')), 0);
});

test('wrong options are refused with the key that is wrong', async () => {
  // Typed callers cannot write these; a JSON file can.
  const wrong: [object, RegExp][] = [
    [{ followers: -1 }, /followers/],
    [{ follower: 5 }, /follower/],
    [{ accounts: [{ kind: 'wecom' }] }, /accounts\.0\.kind/],
    [{ faults: [{ kind: 'cut' }] }, /exactly one of rate, next and at/],
    [{ ipWhitelist: ['10.0.0.0/33'] }, /10\.0\.0\.0\/33/],
    [{ sendCheckOrder: ['fields'] }, /sendCheckOrder/],
    [
      { accounts: [{ appid: 'wx00000000000000aa' }, { appid: 'wx00000000000000aa' }] },
      /two simulated accounts/,
    ],
  ];
  for (const [options, message] of wrong) {
    await assert.rejects(startSimulator(options), { code: 'SIMULATOR_OPTIONS', message });
  }
  await using simulator = await startSimulator();
  await assert.rejects(startSimulator({ port: simulator.port }), { code: 'SIMULATOR_LISTEN' });
  assert.throws(() => simulator.account('wx'), { code: 'SIMULATOR_ACCOUNT' });
  assert.throws(() => simulator.account().unfollow('x'), { code: 'SIMULATOR_OPENID' });
});
