import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { canaryAbove } from '../../src/engine/delivery/campaign-run.ts';
import { kindOf } from '../../src/engine/sending/attempts.ts';
import { migrate } from '../../src/store/database/migrate.ts';
import { createPool, type Pool } from '../../src/store/database/pool.ts';
import { factKind, heldReason, isHeld, unsettled } from '../../src/store/facts.ts';
import { channelNames, channels } from '../../src/wechat/channels.ts';
import { createTestDatabase } from '../support/postgres.ts';

/** What SQL and TypeScript both have to know is the same in both. */
describe('the database and the code', () => {
  let pool: Pool;
  let drop: () => Promise<void>;
  before(async () => {
    const database = await createTestDatabase();
    drop = () => database.drop();
    pool = createPool(database.connection);
    await migrate(pool);
  });
  after(async () => {
    await pool.end();
    await drop();
  });

  /** The value of an SQL expression. */
  async function value(expression: string, values: unknown[] = []): Promise<unknown> {
    const { rows } = await pool.query<{ value: unknown }>(`select ${expression} as value`, values);
    return rows[0]?.value;
  }

  test('call what became of a message by the same name', async () => {
    const outcome = (kind: number | null, reason: string | null): Promise<unknown> =>
      value('outcome_of($1::smallint, $2)', [kind, reason]);
    for (const name of ['accepted', 'rejected', 'unknown'] as const)
      assert.equal(await outcome(kindOf[name], null), name);
    assert.equal(await outcome(kindOf.held, heldReason), 'held');
    assert.equal(await outcome(kindOf.again, 'no-credit'), 'unsent');
    assert.equal(await outcome(factKind.inDoubt, 'crash'), 'unknown');
    assert.equal(await outcome(factKind.unknown, heldReason), 'unknown');
    for (const kind of [factKind.started, null]) assert.equal(await outcome(kind, null), 'unsent');
  });

  test('know a hold by the same sign', async () => {
    for (const kind of Object.values(factKind))
      for (const reason of [heldReason, 'crash', null])
        assert.equal(await value('is_held($1::smallint, $2)', [kind, reason]), isHeld({ kind, reason }));
  });

  test('have the same order of strength: what WeChat said last is above what we do not know', async () => {
    const { started, retry, inDoubt, unknown, rejected, accepted } = factKind;
    const weakestFirst = [
      ...[
        [started, null],
        [retry, null],
        [inDoubt, 'crash'],
        [unknown, 'timeout'],
      ],
      ...[
        [inDoubt, heldReason],
        [unknown, heldReason],
        [rejected, null],
        [accepted, null],
      ],
    ];
    const strengths = [];
    for (const fact of weakestFirst)
      strengths.push(Number(await value('fact_strength($1::smallint, $2)', fact)));
    assert.deepEqual(
      strengths,
      [...new Set(strengths)].sort((a, b) => a - b),
    );
  });

  test('say the same of every channel', async () => {
    for (const name of channelNames) {
      assert.equal(await value('is_keyed($1)', [name]), channels[name].keyed, name);
      assert.equal(await value('has_receipts($1)', [name]), channels[name].receipts, name);
      const isCanary = (planned: number): Promise<unknown> => value('needs_canary($1, $2)', [name, planned]);
      assert.equal(await isCanary(canaryAbove), false);
      assert.equal(await isCanary(canaryAbove + 1), name === 'oa-template');
    }
  });

  test('name what is unsettled in the words of the index', async () => {
    for (const table of ['facts', 'message_facts']) {
      const client = await pool.connect();
      try {
        await client.query('begin');
        await client.query('set local enable_seqscan = off');
        const plan = await client.query<{ 'QUERY PLAN': string }>(
          `explain select 1 from ${table} f where ${unsettled('f')}`,
        );
        const text = plan.rows.map((row) => row['QUERY PLAN']).join('\n');
        assert.match(text, new RegExp(`${table}_unsettled`));
      } finally {
        await client.query('rollback');
        client.release();
      }
    }
  });
});

test('no statement has a kind of fact or a channel as a number or word of its own', async () => {
  const root = new URL('../../src/store/', import.meta.url);
  const literal = /\bkind (?:=|<>|>=?|<=?|in|not in|between) ?\(?\d|'(?:oa|mp)-[a-z]+'/;
  assert.match('where f.kind in (2, 3)', literal);
  assert.match("where c.channel = 'oa-template'", literal);
  const found: string[] = [];
  for (const name of await readdir(root, { recursive: true })) {
    if (!name.endsWith('.ts') || name.endsWith('.test.ts')) continue;
    const lines = (await readFile(new URL(name, root), 'utf8')).split('\n');
    found.push(
      ...lines.flatMap((line, i) => (literal.test(line) ? [`${name}:${i + 1} ${line.trim()}`] : [])),
    );
  }
  assert.deepEqual(found, []);
});
