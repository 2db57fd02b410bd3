/**
 * The entry `hongyan/client`: the HTTP API, typed by its contract. Nothing but `fetch`; runs in Node and in browsers.
 *
 * ```ts
 * const hongyan = createClient({ baseUrl: 'http://127.0.0.1:8790', key: process.env.HONGYAN_KEY });
 * const { id } = await hongyan.call('POST /v1/messages', { body: { appid, channel, touser, template_id, data }, key: 'order-1024' });
 * const { state } = await hongyan.call('GET /v1/messages/{id}', { params: { id }, query: { wait: 10_000 } });
 * for await (const key of hongyan.each('GET /v1/keys')) console.log(key.name);
 * ```
 */
export { type Client, type ClientOptions, createClient } from './client.ts';
export { HongyanProblem, HongyanUnreachable, type ProblemBody } from './problem.ts';
export type { Answer, Entry, EventRoute, Input, JsonRoute, ListRoute, StreamRoute } from './types.ts';
