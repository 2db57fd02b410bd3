/**
 * What every contender of bench/throughput.ts sends to: tokens for all, and "ok" for each message, with a msgid
 * as large as WeChat's. It looks at nothing but where a request ends: on node:http it took three times the CPU and
 * was what limited.
 *
 *     node bench/responder.ts LATENCY_MS [CERTIFICATE KEY]     prints its port
 */
import { readFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';

const [latencyText = '0', certificateFile, keyFile] = process.argv.slice(2);
const latencyMs = Number(latencyText);
let msgid = 3_557_254_367_693_750_277n;

function answerTo(head: string): string {
  msgid += 16_384n;
  const body = head.includes('/message/')
    ? `{"errcode":0,"errmsg":"ok","msgid":${msgid}}`
    : head.includes('/queryblocktmplmsg')
      ? '{"errcode":0,"errmsg":"ok","msginfo":[]}' // the canary's question
      : '{"access_token":"BENCH_TOKEN","expires_in":7200}';
  return `HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nContent-Type: application/json; encoding=utf-8\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
}

function serve(socket: Socket): void {
  let left = '';
  socket.setNoDelay(true);
  socket.on('error', () => {});
  // latin1: one character is one byte, so Content-Length counts characters.
  socket.setEncoding('latin1').on('data', (piece: string) => {
    left += piece;
    for (;;) {
      const headEnd = left.indexOf('\r\n\r\n');
      if (headEnd === -1) return;
      const head = left.slice(0, headEnd);
      const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
      if (left.length < headEnd + 4 + length) return;
      left = left.slice(headEnd + 4 + length);
      const answer = answerTo(head);
      if (latencyMs > 0) setTimeout(() => socket.write(answer, 'latin1'), latencyMs);
      else socket.write(answer, 'latin1');
    }
  });
}

const sockets = new Set<Socket>();
function take(socket: Socket): void {
  sockets.add(socket);
  socket.once('close', () => sockets.delete(socket));
  serve(socket);
}
const server =
  certificateFile === undefined || keyFile === undefined
    ? createServer(take)
    : createTlsServer({ cert: readFileSync(certificateFile), key: readFileSync(keyFile) }, take);
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  console.log(typeof address === 'object' ? address?.port : '');
});
process.once('SIGTERM', () => {
  for (const socket of sockets) socket.destroy();
  server.close();
});
