import { bytes, defineRoutes } from '../route.ts';

export const metricsRoutes = defineRoutes({
  'GET /metrics': {
    name: 'metrics.show',
    summary: {
      en: 'For Prometheus: what this process does and how the installation stands, of the accounts that the key may see.',
      zh: '供 Prometheus 抓取：本进程的工作情况与整套服务的状态，仅含该密钥可见的账号。',
    },
    permission: 'metrics.read',
    account: 'filtered',
    audit: 'none',
    idempotency: 'safe',
    rate: 'normal',
    whileAway: true,
    answers: { 200: bytes('text/plain') },
  },
});
