import { z } from 'zod';
import { defineRoutes } from '../route.ts';

const running = z.object({
  appid: z.string(),
  /** Of the simulator; in a browser it is the phone of its people. */
  url: z.string(),
  /** Of a follower who is there from the start. */
  openid: z.string(),
});

export const simulationRoutes = defineRoutes({
  'GET /v1/simulation': {
    name: 'simulation.show',
    summary: {
      en: 'Whether a simulated WeChat runs beside this server, and where its phone is.',
      zh: '是否有随服务运行的模拟微信，以及模拟手机的地址。',
    },
    permission: 'account.read',
    account: null,
    audit: 'none',
    idempotency: 'safe',
    rate: 'normal',
    answers: {
      200: z.object({
        /** False: the settings do not allow one. */
        allowed: z.boolean(),
        running: running.nullable(),
        /** Its account; null until it was started for the first time. */
        appid: z.string().nullable(),
      }),
    },
  },
  'POST /v1/simulation': {
    name: 'simulation.start',
    summary: {
      en: 'Starts a simulated WeChat with an account, followers and templates; what is there stays.',
      zh: '启动模拟微信，带一个账号、关注者和模板；已有的保留。',
    },
    permission: 'account.manage',
    account: 'found',
    audit: 'change',
    idempotency: 'repeatable',
    rate: 'heavy',
    answers: { 200: running },
  },
  'DELETE /v1/simulation': {
    name: 'simulation.end',
    summary: {
      en: 'Ends the simulated WeChat and removes its account with all that was sent there.',
      zh: '结束模拟微信，并删除它的账号及全部推送。',
    },
    permission: 'account.manage',
    account: 'found',
    audit: 'change',
    idempotency: 'repeatable',
    rate: 'normal',
    answers: { 200: z.object({ removed: z.boolean() }) },
  },
});
