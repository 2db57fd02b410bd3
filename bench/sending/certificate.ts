/** A certificate for what stands in for WeChat over TLS. Who calls trusts it by file (NODE_EXTRA_CA_CERTS): verification stays on. */
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Certificate {
  file: string;
  key: string;
  /** For the environment of those that call. */
  env: { NODE_EXTRA_CA_CERTS: string };
  remove(): Promise<void>;
}

/** Made by openssl, for 127.0.0.1. */
export async function makeCertificate(): Promise<Certificate> {
  const directory = await mkdtemp(join(tmpdir(), 'hongyan-bench-tls-'));
  const [file, key] = [join(directory, 'certificate.pem'), join(directory, 'key.pem')];
  execFileSync(
    'openssl',
    [
      ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=127.0.0.1'],
      ...['-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', key, '-out', file],
    ],
    { stdio: 'ignore' },
  );
  const remove = (): Promise<void> => rm(directory, { recursive: true });
  return { file, key, env: { NODE_EXTRA_CA_CERTS: file }, remove };
}
