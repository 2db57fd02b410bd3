import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { WechatClient, type WechatClientOptions } from '../../../src/wechat/client.ts';
import { WechatTransportError } from '../../../src/wechat/error.ts';
import type { SendAnswer } from '../../../src/wechat/http/answer.ts';
import { Transport } from '../../../src/wechat/http/transport.ts';

export const appid = 'wx0123456789abcdef';
export const path = '/cgi-bin/message/template/send';
export const accepted = '{"errcode":0,"errmsg":"ok","msgid":3557254367693750277}';

/** A client of an account that needs no token, closed at the end. */
export async function withClient<T>(
  options: Omit<WechatClientOptions, 'appid' | 'token'>,
  use: (client: WechatClient) => Promise<T>,
): Promise<T> {
  await using client = new WechatClient({ appid, token: { kind: 'none' }, ...options });
  return await use(client);
}

/** What `send` says, and whether `request` says the same of the same failure. */
export async function outcome(options: Omit<WechatClientOptions, 'appid' | 'token'>): Promise<string> {
  return withClient(options, async (client) => {
    const answer: SendAnswer = await client.send(path, '{"a":1}');
    await assert.rejects(client.request({ method: 'POST', path, body: { a: 1 } }), (error) => {
      assert.ok(error instanceof WechatTransportError);
      assert.equal(error.left, answer.kind === 'no-answer');
      assert.equal(error.code, error.left ? 'WECHAT_NO_ANSWER' : 'WECHAT_UNREACHABLE');
      return true;
    });
    return 'reason' in answer ? `${answer.kind} ${answer.reason}` : answer.kind;
  });
}

export class TestTransport extends Transport {
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

/** Answers each connection's first bytes with `raw`, then ends the connection if told so. */
export const rawAnswer = (raw: string, end: 'end' | 'destroy' | 'stay') => (socket: Socket) => {
  socket.once('data', () => {
    socket.write(raw, () => {
      if (end === 'end') socket.end();
      if (end === 'destroy') socket.destroy();
    });
  });
};
