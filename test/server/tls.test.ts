import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, describe, test } from 'node:test';
import { connect } from 'node:tls';
import { errorCode } from '../../src/base/errors.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { Certificates } from '../../src/server/certificates.ts';
import { makeSite } from '../support/campaign.ts';
import { inTime } from '../support/in-time.ts';

const directory = mkdtempSync(join(tmpdir(), 'hongyan-tls-'));
after(() => rmSync(directory, { recursive: true }));
const skip =
  spawnSync('openssl', ['version']).status === 0 ? false : 'openssl, which makes certificates, is not there';

const at = (name: string): string => join(directory, name);
const files = { certificate: at('server.pem'), key: at('server.key') };

function make(name: string): void {
  execFileSync(
    'openssl',
    [
      ...[
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:prime256v1',
        '-nodes',
        '-days',
        '2',
      ],
      ...['-subj', `/CN=${name}`, '-addext', 'subjectAltName=IP:127.0.0.1'],
      ...['-keyout', at(`${name}.key`), '-out', at(`${name}.pem`)],
    ],
    { stdio: 'ignore' },
  );
}

function use(certificate: string, key: string): void {
  copyFileSync(at(`${certificate}.pem`), files.certificate);
  copyFileSync(at(`${key}.key`), files.key);
  chmodSync(files.key, 0o600);
}

/** The name in the certificate that a server shows. */
async function shownAt(port: number): Promise<unknown> {
  const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false });
  await inTime('a certificate is shown', once(socket, 'secureConnect'));
  const { subject } = socket.getPeerCertificate();
  socket.destroy();
  return subject.CN;
}

describe('TLS', { skip }, () => {
  if (skip === false) for (const name of ['first', 'second']) make(name);

  test('serve listens with the certificate, and says so', async () => {
    const site = await makeSite();
    use('first', 'first');
    const env = {
      HONGYAN_LISTEN: '127.0.0.1:0',
      HONGYAN_TLS_CERT: files.certificate,
      HONGYAN_TLS_KEY: files.key,
    };
    const serve = site.cli.start(['serve'], { env });
    const url = (await serve.printed(/Listening on (https:\/\/127\.0\.0\.1:\d+)/))[1] ?? '';
    const sent = request(`${url}/healthz`, { ca: readFileSync(files.certificate) }).end();
    const [answer] = await inTime('it is answered', once(sent, 'response'));
    assert.equal(answer.statusCode, 200);
    assert.match(await text(answer), /"status":"ok"/);
    await assert.rejects(fetch(url.replace('https', 'http')), 'nothing without TLS');
    assert.equal((await serve.kill('SIGTERM')).code, 0);

    const half = await site.cli.fails(1, ['serve'], { env: { ...env, HONGYAN_TLS_KEY: '' } });
    assert.match(half, /\[TLS_UNUSABLE\]\n {2}set both HONGYAN_TLS_CERT and HONGYAN_TLS_KEY/);
  });

  test('takes a renewed certificate while it runs, and never half of one', async () => {
    use('first', 'first');
    const certificates = await Certificates.open(files, silentLogger);
    const server = certificates.createServer({}, (_, response) => response.end());
    server.listen(0, '127.0.0.1');
    await inTime('it listens', once(server, 'listening'));
    const { port } = server.address() as AddressInfo; // it listens on TCP
    try {
      assert.equal(await shownAt(port), 'first');
      use('second', 'first');
      await certificates.look(server);
      assert.equal(await shownAt(port), 'first', 'its key is still missing');
      writeFileSync(files.certificate, '');
      await certificates.look(server);
      assert.equal(await shownAt(port), 'first');
      use('second', 'second');
      await certificates.look(server);
      assert.equal(await shownAt(port), 'second');
    } finally {
      certificates.close();
      server.close();
    }
  });

  test('refuses files that are no pair, are not there, or whose key everybody can read', async () => {
    const refused = async (): Promise<void> =>
      assert.rejects(Certificates.open(files, silentLogger), (error) => errorCode(error) === 'TLS_UNUSABLE');
    use('first', 'second');
    await refused();
    use('first', 'first');
    chmodSync(files.key, 0o644);
    await refused();
    rmSync(files.key);
    await refused();
  });
});
