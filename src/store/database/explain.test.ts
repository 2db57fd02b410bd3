import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { test } from 'node:test';
import { failure } from '../../base/errors.ts';
import { explainDatabaseError, isPassing } from './explain.ts';

const nowhere = '/dev/null/nothing';

test('a socket that is not there is a database that cannot be reached, and a file that is not there is none', async () => {
  const ofSocket = await new Promise<Error>((resolve) => {
    connect({ path: '/var/empty/no-such-socket' }).on('error', resolve);
  });
  assert.equal((explainDatabaseError(ofSocket) as { code?: string }).code, 'DATABASE_UNREACHABLE');
  assert.ok(isPassing(ofSocket));
  for (const path of [nowhere, '/var/empty/no-such-file']) {
    const ofFile: unknown = await readFile(path).catch((error: unknown) => error);
    assert.ok(ofFile instanceof Error);
    assert.equal(explainDatabaseError(ofFile), ofFile);
    assert.equal(isPassing(ofFile), false);
  }
  const ours = failure('INTERNAL', {});
  assert.equal(explainDatabaseError(ours), ours);
});
