import assert from 'node:assert/strict';
import { saveCallback } from '../../src/store/events/callbacks.ts';
import { until } from '../support/cli.ts';
import { contractSite, row } from '../support/contract.ts';
import { callbackSettings, makeEvent, makePush, makeVerification, send } from '../support/push.ts';

const site = await contractSite();
const { pool, sealer } = site.store;
const { appid } = site.account;
const settings = callbackSettings(appid);
await saveCallback(pool, sealer, settings);
const query = makeVerification(settings.token, 'x');
await until(
  'the server knows it',
  async () => (await fetch(`${site.url}/callback/${appid}?${query}`)).status === 200,
);

const push = async (event: Parameters<typeof makePush>[1]): Promise<void> => {
  assert.equal((await send(site.url, appid, makePush(settings, event))).status, 200);
};

interface Shown {
  id: string;
  type: string;
  openid: string;
}

const list = async (query: Record<string, string | number> = {}) =>
  (await site.call('GET /v1/accounts/{appid}/events', { params: { appid }, query })).body as {
    data: Shown[];
    next: string | null;
  };

row('GET /v1/accounts/{appid}/events', 'lists the newest first, by type, page by page', async () => {
  for (const [seconds, openid] of [
    [10, 'oOld'],
    [5, 'oMiddle'],
    [0, 'oNew'],
    [0, 'oNew2'],
  ] as const)
    await push(
      makeEvent('subscribe', { FromUserName: openid, CreateTime: Math.floor(Date.now() / 1000) - seconds }),
    );
  await push(makeEvent('never_seen', { FromUserName: 'oOdd' }));
  const seen: string[] = [];
  for (let cursor: string | null = null; ; ) {
    const page = await list({ type: 'follow', limit: 1, ...(cursor === null ? {} : { cursor }) });
    seen.push(...page.data.map(({ openid }) => openid));
    cursor = page.next;
    if (cursor === null) break;
  }
  assert.deepEqual(
    [seen.slice(0, 2).sort(), seen.slice(2)],
    [
      ['oNew', 'oNew2'],
      ['oMiddle', 'oOld'],
    ],
  );
  assert.deepEqual(
    (await list({ type: 'unknown' })).data.map(({ openid }) => openid),
    ['oOdd'],
  );
});

row('GET /v1/accounts/{appid}/events/{id}', 'shows one raw, and what it did', async () => {
  await push(makeEvent('subscribe', { FromUserName: 'oFollows', EventKey: 'qrscene_7' }));
  const [followed] = (await list({ type: 'follow', limit: 1 })).data;
  const show = async (id: string) =>
    await site.call('GET /v1/accounts/{appid}/events/{id}', { params: { appid, id } });
  const { did, ...event } = (await show(String(followed?.id))).body as Shown & {
    did: { effects: object[]; follows: boolean | null; credits: object[] };
    raw: unknown;
    fields: Record<string, string>;
  };
  assert.deepEqual([event.fields.EventKey, event.raw], ['qrscene_7', null]);
  assert.equal(did.follows, true);
  assert.deepEqual(did.effects, [
    { name: 'followers', state: 'done' },
    { name: 'webhooks', state: 'done' },
    { name: 'stream', state: 'done' },
  ]);
  // What could not follow is tried again, and after the last try nothing does it by itself.
  for (const [tries, state] of [
    [9, 'pending'],
    [10, 'given-up'],
  ] as const) {
    await pool.query(`update events set pending = '{followers}', tries = $1 where openid = 'oFollows'`, [
      tries,
    ]);
    const { did: open } = (await show(String(followed?.id))).body as { did: { effects: object[] } };
    assert.deepEqual(open.effects[0], { name: 'followers', state });
    assert.deepEqual(open.effects[1], { name: 'webhooks', state: 'done' });
  }
  const now = Math.floor(Date.now() / 1000);
  await push(`<xml><ToUserName>gh_1</ToUserName><FromUserName>oAccepts</FromUserName><CreateTime>${now}</CreateTime>
<MsgType>event</MsgType><Event>subscribe_msg_popup_event</Event><SubscribeMsgPopupEvent><List>
<TemplateId>T1</TemplateId><SubscribeStatusString>accept</SubscribeStatusString><PopupScene>0</PopupScene></List></SubscribeMsgPopupEvent></xml>`);
  const [accepted] = (await list({ type: 'credit-popup', limit: 1 })).data;
  const credits = ((await show(String(accepted?.id))).body as { did: { credits: object[] } }).did.credits;
  assert.deepEqual(credits, [{ templateId: 'T1', kind: 'popup', delta: 1, sets: null }]);
  await push('<xml>\n<MsgType><![CDATA[text]]></MsgType><Content>a & b</xml>');
  const [odd] = (await list({ type: 'unreadable', limit: 1 })).data;
  const raw = ((await show(String(odd?.id))).body as { raw: { text: string; base64: string } }).raw;
  assert.match(raw.text, /a & b/);
  assert.equal(Buffer.from(raw.base64, 'base64').toString(), raw.text);
  for (const id of ['1-1', 'x', String(followed?.id).replace(/-.*/, '-999999')])
    assert.equal((await show(id)).status, 404, id);
});

row('GET /v1/accounts/{appid}/callback/requests', 'counts what became of the requests', async () => {
  const read = async () =>
    (await site.call('GET /v1/accounts/{appid}/callback/requests', { params: { appid } })).body as {
      data: { kind: string; count: number }[];
    };
  // They are written once a second: the first ones may be there before the last.
  await until('they are counted', async () => {
    const stored = (await read()).data.find(({ kind }) => kind === 'stored');
    return stored !== undefined && stored.count >= 5;
  });
});

row('GET /v1/events/retention', 'says how long events are kept', async () => {
  assert.deepEqual((await site.call('GET /v1/events/retention')).body, { days: 90 });
});

row('PUT /v1/events/retention', 'changes it, not for somebody who is limited to accounts', async () => {
  const keep = async (days: number, as?: string): Promise<number> =>
    (
      await site.call('PUT /v1/events/retention', {
        body: { days },
        ...(as === undefined ? {} : { as }),
      })
    ).status;
  assert.equal(await keep(30), 200);
  assert.deepEqual((await site.call('GET /v1/events/retention')).body, { days: 30 });
  assert.equal(await keep(1, await site.key(['account.manage'], [appid])), 403);
  assert.equal(await keep(0), 400);
  assert.deepEqual((await site.call('GET /v1/events/retention')).body, { days: 30 });
});
