import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';

export interface RunningServer extends AsyncDisposable {
  url: string;
  port: number;
  /** Connections accepted so far. */
  connections: number;
}

async function running(server: Server): Promise<RunningServer> {
  const sockets = new Set<Socket>();
  const handle: RunningServer = {
    url: '',
    port: 0,
    connections: 0,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  server.on('connection', (socket: Socket) => {
    handle.connections += 1;
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // A listening TCP server has an AddressInfo.
  handle.port = (server.address() as AddressInfo).port;
  handle.url = `http://127.0.0.1:${handle.port}`;
  return handle;
}

/** A TCP server: what a connection does is up to the test. */
export function tcpServer(onConnection: (socket: Socket) => void): Promise<RunningServer> {
  return running(createTcpServer(onConnection));
}

/** An HTTP server that hands over the whole body. */
export function httpServer(
  answer: (request: IncomingMessage, body: string, response: ServerResponse) => void,
): Promise<RunningServer> {
  // Node's 5 s would end connections under a test that stood still for so long.
  const server = createHttpServer({ keepAliveTimeout: 600_000 }, (request, response) => {
    const chunks: Buffer[] = [];
    request.on('error', () => {});
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => answer(request, Buffer.concat(chunks).toString('utf8'), response));
  });
  return running(server);
}
