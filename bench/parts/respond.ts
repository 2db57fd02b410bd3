/** A WeChat for benchmarks that ask it what it has heard, in a thread of its own (bench/responder.ts is a process that is not asked). */
import { createServer, type Socket } from 'node:net';
import { parentPort } from 'node:worker_threads';

/**
 * Gives tokens at once and "ok" to each message after `latencyMs`. Posts its port to the thread that made it.
 *
 * @param onMessage sees each request that sends one, whole, as it arrived
 */
export function respond(latencyMs: number, onMessage: (request: string) => void): void {
  let msgid = 3_557_254_367_693_750_277n;
  const answer = (socket: Socket, request: string): void => {
    const isMessage = request.includes('/message/');
    if (isMessage) onMessage(request);
    msgid += 16_384n;
    const body = isMessage
      ? `{"errcode":0,"errmsg":"ok","msgid":${msgid}}`
      : '{"access_token":"BENCH_TOKEN","expires_in":7200}';
    const text = `HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
    setTimeout(() => socket.write(text, 'latin1'), isMessage ? latencyMs : 0);
  };
  const server = createServer((socket) => {
    let left = '';
    socket.setNoDelay(true).on('error', () => {});
    // latin1: one character is one byte, so Content-Length counts characters.
    socket.setEncoding('latin1').on('data', (piece: string) => {
      left += piece;
      for (;;) {
        const headEnd = left.indexOf('\r\n\r\n');
        if (headEnd === -1) return;
        const end = headEnd + 4 + Number(/content-length: (\d+)/i.exec(left.slice(0, headEnd))?.[1] ?? 0);
        if (left.length < end) return;
        answer(socket, left.slice(0, end));
        left = left.slice(end);
      }
    });
  });
  server.listen(0, '127.0.0.1', () => {
    const address = server.address();
    parentPort?.postMessage(typeof address === 'object' ? address?.port : null);
  });
}
