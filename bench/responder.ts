/**
 * What every contender of bench/throughput.ts sends to: tokens for all, and "ok" for each message, with a msgid
 * as large as WeChat's. It looks at nothing, so that it is never what limits.
 *
 *     node bench/responder.ts LATENCY_MS     prints its port
 */
import { createServer } from 'node:http';

const latencyMs = Number(process.argv[2] ?? 0);
let msgid = 3_557_254_367_693_750_277n;

const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
  request.resume();
  request.on('end', () => {
    const url = request.url ?? '';
    msgid += 16_384n;
    const body = url.includes('/message/')
      ? `{"errcode":0,"errmsg":"ok","msgid":${msgid}}`
      : '{"access_token":"BENCH_TOKEN","expires_in":7200}';
    const answer = (): void => {
      response.writeHead(200, {
        'content-type': 'application/json; encoding=utf-8',
        'content-length': body.length,
      });
      response.end(body);
    };
    if (latencyMs > 0) setTimeout(answer, latencyMs);
    else answer();
  });
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  console.log(typeof address === 'object' ? address?.port : '');
});
process.once('SIGTERM', () => {
  server.closeAllConnections();
  server.close();
});
