import assert from 'node:assert/strict';
import { test } from 'node:test';
import { QuotaLease } from './quota-lease.ts';

test('a lease that fails is told once, and again after one that succeeded', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const answers: (number | Error)[] = [];
  const failures: unknown[] = [];
  const blocks = new QuotaLease({
    lease: async () => {
      const answer = answers.shift() ?? 0;
      if (typeof answer === 'number') return answer;
      throw answer;
    },
    giveBack: async () => {},
    onChange: () => {},
    onFailure: (error) => failures.push(error),
  });
  const ask = async (answer: number | Error): Promise<void> => {
    answers.push(answer);
    blocks.isOpen('/a');
    await new Promise(setImmediate);
  };
  await ask(new Error('out of range'));
  await ask(new Error('out of range'));
  assert.equal(failures.length, 1);
  await ask(1);
  assert.equal(blocks.isOpen('/a'), true);
  blocks.use('/a');
  await new Promise(setImmediate);
  blocks.reopen('/a');
  await ask(new Error('away'));
  assert.equal(failures.length, 2);
  await blocks.close();
});
