// For containers: asks the `serve` beside it. Exit code 0 when it answers 200. Argument: /healthz (default) or /readyz.
import { get as getPlain } from 'node:http';
import { get as getTls } from 'node:https';

const [path = '/healthz'] = process.argv.slice(2);
const listen = process.env.HONGYAN_LISTEN || '127.0.0.1:8790';
if (listen === 'off') process.exit(0);

const [, ipv6, name, port] = /^(?:\[(.+)\]|(.+)):(\d+)$/.exec(listen) ?? [];
// All addresses are none to ask at.
const host = { '0.0.0.0': '127.0.0.1', '::': '::1' }[ipv6 ?? name] ?? ipv6 ?? name;
const get = process.env.HONGYAN_TLS_CERT ? getTls : getPlain;
// Its certificate is for its public name, and nothing is told to it.
const asked = get({ host, port, path, timeout: 4_000, rejectUnauthorized: false }, (answer) => {
  answer.resume();
  process.exitCode = answer.statusCode === 200 ? 0 : 1;
});
asked.on('timeout', () => asked.destroy(new Error('no answer within 4 s')));
asked.on('error', (error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
