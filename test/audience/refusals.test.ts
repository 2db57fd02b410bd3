import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { openRecipientFile } from '../../src/engine/audience/recipient-file.ts';
import { all, folder, onDisk, openid, read } from '../support/audience/recipient-lists.ts';

describe('recipient lists that cannot be read', () => {
  const fails = async (name: string, content: string | Buffer, code: string): Promise<void> => {
    await assert.rejects(read(name, content), { code });
  };

  it('says that there is no file, that it is a directory, that it is empty', async () => {
    await assert.rejects(openRecipientFile({ path: join(folder, 'no.csv') }), {
      code: 'RECIPIENT_FILE_NOT_FOUND',
    });
    await assert.rejects(openRecipientFile({ path: folder }), { code: 'RECIPIENT_FILE_UNREADABLE' });
    await fails('a.csv', '', 'RECIPIENT_FILE_EMPTY');
    await fails('a.csv', '\ufeff', 'RECIPIENT_FILE_EMPTY');
    await fails('a.csv', '\n\n', 'RECIPIENT_FILE_EMPTY');
    await fails('a.ndjson', '\n', 'RECIPIENT_FILE_EMPTY');
    await fails('a.csv.gz', gzipSync(''), 'RECIPIENT_FILE_EMPTY');
  });

  it('explains old Excel files, pages called .xls, JSON lists, other archives and binary files', async () => {
    const unsupported = 'RECIPIENT_FORMAT_UNSUPPORTED';
    await fails('a.xls', Buffer.from('d0cf11e0a1b11ae1', 'hex'), unsupported);
    await fails('a.xls', '<html><table>', unsupported);
    await fails('a.json', `[{"openid":"${openid(1)}"}]`, unsupported);
    await fails('a.csv', Buffer.alloc(1000), unsupported);
  });

  it('says that the file was written to while it was read', async () => {
    const path = await onDisk('a.csv', `openid\n${openid(1)}\n`);
    const file = await openRecipientFile({ path });
    await appendFile(path, openid(2));
    await assert.rejects(all(file), { code: 'RECIPIENT_FILE_CHANGED' });
  });

  it('passes on an error of the stream', async () => {
    const stream = new Readable({
      read() {
        this.destroy(Object.assign(new Error('gone'), { code: 'EIO' }));
      },
    });
    await assert.rejects(openRecipientFile({ stream, name: '-' }), { code: 'RECIPIENT_FILE_UNREADABLE' });
  });

  it('stops for a signal in the middle of bytes that are all there', async () => {
    const controller = new AbortController();
    const bytes = Buffer.from(`openid,name\n${`${openid(1)},a\n`.repeat(300_000)}`);
    const file = await openRecipientFile(
      { stream: Readable.from([bytes]), name: 'a.csv' },
      { signal: controller.signal },
    );
    // A timer stands for ctrl-C: without a pause of the reader neither has a turn before the end.
    setTimeout(() => controller.abort(new Error('enough')), 0);
    let read = 0;
    await assert.rejects(
      async () => {
        for await (const batch of file.batches) read += batch.length;
      },
      { message: 'enough' },
    );
    assert.ok(read < 300_000);
  });

  it('stops when it is aborted, also while waiting for a silent pipe', async () => {
    const controller = new AbortController();
    const silent = new Readable({ read() {} });
    const opening = openRecipientFile({ stream: silent, name: '-' }, { signal: controller.signal });
    controller.abort(new Error('enough'));
    await assert.rejects(opening, { message: 'enough' });
    assert.equal(silent.destroyed, true);
  });

  it('leaves no open file behind after break or close', { skip: process.platform !== 'linux' }, async () => {
    const descriptors = (): number => readdirSync('/proc/self/fd').length;
    const path = await onDisk('a.csv', `openid\n${openid(1)}\n${openid(2)}\n`);
    const before = descriptors();
    for (let i = 0; i < 20; i += 1) {
      const file = await openRecipientFile({ path }, { batchSize: 1 });
      if (i % 2 === 0) await file.close();
      else for await (const _ of file.batches) break;
      await assert.rejects(openRecipientFile({ path }, { openidColumn: 'x' }));
    }
    assert.equal(descriptors() <= before + 1, true);
  });
});
