import type { SimulatedChannel } from '../state/received.ts';
import { type Answer, fail, isFailure, okAnswer } from './answers.ts';
import { type Call, object, officialAccounts, type Route, text } from './route.ts';
import { checkSend, type Recipient, type SendPlan, takeCredit } from './send-checks.ts';
import { checkMiniprogram, checkPage } from './send-links.ts';

const oaTemplate: SendPlan = {
  family: 'oa',
  mustFollow: true,
  needsCredit: false,
  lock: 'all',
  link: (call) => checkMiniprogram(call, 40165),
};

const oaSubscribe: SendPlan = {
  family: 'subscribe',
  mustFollow: false,
  needsCredit: true,
  lock: 'subscribe',
  link: (call) => checkMiniprogram(call, 41030),
};

const oaOnce: SendPlan = { ...oaSubscribe, family: 'once', needsCredit: false, lock: 'all' };

const mpSubscribe: SendPlan = { ...oaSubscribe, link: checkPage };

const mpForm: SendPlan = { ...mpSubscribe, family: 'form', needsCredit: false, lock: 'all' };

/** The sends that fill a template. */
export const templateMessageRoutes: Route[] = [
  {
    path: '/cgi-bin/message/template/send',
    method: 'POST',
    auth: 'token',
    body: 'json',
    kinds: ['service', 'sandbox'],
    handle: sendOaTemplate,
  },
  {
    path: '/cgi-bin/message/subscribe/bizsend',
    method: 'POST',
    auth: 'token',
    body: 'json',
    kinds: ['service', 'official'],
    handle: (call) => sendSubscribe(call, oaSubscribe, 'oa-subscribe'),
  },
  {
    path: '/cgi-bin/message/subscribe/send',
    method: 'POST',
    auth: 'token',
    body: 'json',
    kinds: ['miniprogram'],
    unverified: true,
    handle: (call) => sendSubscribe(call, mpSubscribe, 'mp-subscribe'),
  },
  {
    path: '/cgi-bin/message/template/subscribe',
    method: 'POST',
    auth: 'token',
    body: 'json',
    kinds: ['service', 'official'],
    handle: sendOnce,
  },
  {
    path: '/cgi-bin/message/wxopen/template/send',
    method: 'POST',
    auth: 'token',
    body: 'json',
    kinds: ['miniprogram', 'sandbox'],
    unverified: true,
    permit: ({ options }) => (options.legacy ? undefined : fail(options.retiredErrcode)),
    handle: sendForm,
  },
  {
    path: '/cgi-bin/message/wxopen/template/uniform_send',
    method: 'POST',
    auth: 'token',
    body: 'raw',
    unverified: true,
    permit: () => fail(45109),
    handle: () => fail(45109),
  },
  {
    path: '/wxa/sec/queryblocktmplmsg',
    method: 'POST',
    auth: 'token',
    body: 'json',
    kinds: officialAccounts,
    handle: ({ account, body }) => {
      account.holds.decideDue();
      const limit = body.limit ?? 100;
      if (typeof limit !== 'number' || limit < 1 || limit > 100) return fail(40097);
      const page = account.interceptions.page(
        text(body.tmpl_msg_id) ?? '',
        Number(body.largest_id ?? 0),
        limit,
      );
      return JSON.stringify({ errcode: 0, errmsg: 'ok', msginfo: page });
    },
  },
];

function sendOaTemplate(call: Call): Answer {
  const { account, body, nowMs } = call;
  const { options } = account;
  const recipient = checkSend(call, oaTemplate);
  if (isFailure(recipient)) return recipient;

  const msgid = account.msgids.next(nowMs);
  const clientMsgId = text(body.client_msg_id) ?? '';
  if (clientMsgId !== '') {
    if (clientMsgId.length > options.clientMsgIdMax) return fail(45067);
    const first = account.clientMsgIds.seen(`${recipient.index} ${clientMsgId}`, nowMs, msgid);
    if (first !== undefined) {
      if (account.holds.isWithheld(first)) return fail(40252);
      const answer = options.duplicateClientMsgId;
      return answer === 'same-ok' ? okWithMsgid(account.msgids.text(first)) : fail(answer);
    }
  } else if (options.identicalWithin60s) {
    if (account.bodies.seen(call.raw.toString('latin1'), nowMs, nowMs) !== undefined) return fail(40241);
  }
  const { template, index } = recipient;
  const { id, title } = template;
  const openid = account.followers.openid(index);
  account.holds.decideDue();
  if (account.holds.strikes(openid)) {
    const hold = { index, openid, templateId: id, title, msgid, clientMsgId, body, at: nowMs };
    account.holds.add({ ...hold, state: 'held' });
    return fail(40252);
  }
  const isIntercepted = account.interceptions.see(id, title, openid, nowMs);
  call.early = account.events.receipt('TEMPLATESENDJOBFINISH', index, msgid, id, isIntercepted);
  return okWithMsgid(accept(call, recipient, 'oa-template', account.msgids.text(msgid), clientMsgId));
}

function sendSubscribe(call: Call, plan: SendPlan, channel: SimulatedChannel): Answer {
  const { account, nowMs } = call;
  const recipient = checkSend(call, plan);
  if (isFailure(recipient)) return recipient;
  takeCredit(account, recipient.template, recipient.index);
  const { template, index } = recipient;
  const msgid = account.msgids.next(nowMs);
  call.early = account.events.receipt('subscribe_msg_sent_event', index, msgid, template.id, false);
  const text = accept(call, recipient, channel, account.msgids.text(msgid));
  return account.options.msgidInSubscribe ? okWithMsgid(text) : okAnswer;
}

/** One credit for each user and scene; a scene is its own ledger. */
function sendOnce(call: Call): Answer {
  const { account, body } = call;
  const recipient = checkSend(call, oaOnce);
  if (isFailure(recipient)) return recipient;
  const scene = body.scene;
  const number = typeof scene === 'string' || typeof scene === 'number' ? Number(scene) : Number.NaN;
  if (!Number.isInteger(number) || number < 0 || number > 10_000) return fail(40097);
  const title = text(body.title);
  if (title === undefined || title === '' || [...title].length > 15) return fail(40062);
  const content = text(object(object(body.data)?.content)?.value);
  if (content === undefined || content === '') return fail(44004);
  if ([...content].length > 200) return fail(45002);
  const ledger = onceLedger(recipient.template.id, number);
  if (account.credits.balance(ledger, recipient.index) <= 0) return fail(43101);
  // A scene holds one credit at most, however large the derived balance is.
  account.credits.set(ledger, recipient.index, 0);
  accept(call, recipient, 'oa-once');
  return okAnswer;
}

function sendForm(call: Call): Answer {
  const { account, body, nowMs } = call;
  const recipient = checkSend(call, mpForm);
  if (isFailure(recipient)) return recipient;
  const formId = text(body.form_id) ?? '';
  const refused = account.formIds.check(formId, recipient.index, nowMs);
  if (refused !== 0) return fail(refused);
  account.formIds.use(formId);
  accept(call, recipient, 'mp-form');
  return okAnswer;
}

function accept(
  call: Call,
  { index, template }: Recipient,
  channel: SimulatedChannel,
  msgid = '',
  clientMsgId = '',
): string {
  call.account.received.add(index, {
    at: call.nowMs,
    channel,
    openid: call.body.touser as string, // checkSend decoded it, so it is text
    template_id: template.id,
    ...(msgid === '' ? {} : { msgid }),
    ...(clientMsgId === '' ? {} : { client_msg_id: clientMsgId }),
    body: call.body,
  });
  return msgid;
}

function okWithMsgid(msgid: string): string {
  return `{"errcode":0,"errmsg":"ok","msgid":${msgid}}`;
}

/** The ledger of one scene of a one-time subscription. */
export function onceLedger(templateId: string, scene: number): string {
  return `${templateId} ${scene}`;
}
