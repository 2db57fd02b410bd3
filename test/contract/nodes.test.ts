import assert from 'node:assert/strict';
import { contractSite, row } from '../support/contract.ts';

const site = await contractSite();

row('GET /v1/nodes', 'lists this process', async () => {
  const { body } = await site.call('GET /v1/nodes');
  assert.deepEqual(
    (body as { nodes: { pid: number }[] }).nodes.map(({ pid }) => pid),
    [process.pid],
  );
});
