import { once } from 'node:events';
import { createServer } from 'node:net';

const given = new Set<number>();

/**
 * A TCP port of 127.0.0.1 that nobody listens on at this moment: for servers that cannot be told to take any, or that come back at
 * their address, and for addresses where nobody is. Below those that the system gives to connections, of which tests make thousands beside each other: one of them would
 * get it before the server does.
 */
export async function freePort(): Promise<number> {
  for (let attempt = 1; attempt <= 100; attempt++) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    if (given.has(port) || !(await isFree(port))) continue;
    given.add(port);
    return port;
  }
  throw new Error('no TCP port is free');
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  const isListening = new Promise<boolean>((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => resolve(true));
  });
  if (!(await isListening)) return false;
  const closed = once(server, 'close');
  server.close();
  await closed;
  return true;
}
