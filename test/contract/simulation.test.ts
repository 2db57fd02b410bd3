import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { silentLogger } from '../../src/base/logger.ts';
import { RunningSimulation } from '../../src/cli/simulation.ts';
import { until } from '../support/cli.ts';
import { contractSite, foreign, row } from '../support/contract.ts';

const directory = await mkdtemp(join(tmpdir(), 'hongyan-simulation-'));
const options = { directory, logger: silentLogger, port: 0, account: { followers: 30 } };
const simulation = new RunningSimulation(options);
const site = await contractSite({ followers: 1 }, { simulation });
simulation.listensAt(site.url);
const { appid } = simulation;
after(async () => {
  await simulation.close();
  await rm(directory, { recursive: true });
});

const others = async () => await site.key(['account.manage'], ['wx00000000000000ff']);

row('GET /v1/simulation', 'says that none runs, and whether one may', async () => {
  const { body } = await site.call('GET /v1/simulation');
  assert.deepEqual(body, { allowed: true, running: null, appid: null });
});

foreign('POST /v1/simulation', async () => await site.call('POST /v1/simulation', { as: await others() }));

row('POST /v1/simulation', 'starts it, adds its account, and events come from it', async () => {
  const { status, body } = await site.call('POST /v1/simulation');
  assert.equal(status, 200, JSON.stringify(body));
  const { url, openid } = body as { url: string; openid: string }; // as its row says
  assert.equal((await fetch(`${url}/_simulator`)).status, 200);
  const events = async () => await site.call('GET /v1/accounts/{appid}/events', { params: { appid } });
  await until('its person has written', async () => JSON.stringify((await events()).body).includes(openid));
  const again = await site.call('POST /v1/simulation');
  assert.deepEqual(again.body, body, 'a repeat finds it running');
  const shown = await site.call('GET /v1/simulation');
  assert.deepEqual(shown.body, { allowed: true, running: { appid, url, openid }, appid });
  // The first person gets what is sent to them.
  await site.call('POST /v1/accounts/{appid}/templates/sync', { params: { appid } });
  const list = await site.call('GET /v1/accounts/{appid}/templates', { params: { appid } });
  const { data } = list.body as { data: { templateId: string; title: string }[] }; // as its row says
  const template_id = data.find(({ title }) => title === '消息通知')?.templateId ?? '';
  const values = { keyword1: '标题', keyword2: '内容', keyword3: '今天' };
  const sent = await site.sent({ appid, channel: 'oa-template', touser: openid, template_id, data: values });
  assert.equal(sent.message.state, 'accepted', JSON.stringify(sent));
});

row('POST /v1/simulation', 'one that ended by itself is started again by the same call', async () => {
  const before = simulation.running()?.url ?? '';
  await simulation.close();
  await until('it is gone', async () => simulation.running() === null);
  const stopped = await site.call('GET /v1/simulation');
  assert.deepEqual(stopped.body, { allowed: true, running: null, appid });
  const { status } = await site.call('POST /v1/simulation');
  assert.equal(status, 200);
  assert.notEqual(simulation.running()?.url, before);
  const { body } = await site.call('GET /v1/accounts/{appid}', { params: { appid } });
  assert.equal((body as { baseUrl: string }).baseUrl, simulation.running()?.url);
});

foreign(
  'DELETE /v1/simulation',
  async () => await site.call('DELETE /v1/simulation', { as: await others() }),
);

row('DELETE /v1/simulation', 'ends it and removes its account, and a repeat finds none', async () => {
  const { body } = await site.call('DELETE /v1/simulation');
  assert.deepEqual(body, { removed: true });
  assert.equal(simulation.running(), null);
  const account = await site.call('GET /v1/accounts/{appid}', { params: { appid } });
  assert.equal(account.status, 404);
  assert.equal(await new RunningSimulation(options).resume(), false, 'it is not started again');
  assert.deepEqual((await site.call('DELETE /v1/simulation')).body, { removed: false });
});
