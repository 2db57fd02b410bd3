import { same, type Words } from '../catalogue.ts';

export const serveHelp = {
  serve: {
    en: 'plan, keep schedules, deliver campaigns and listen on HTTP until it is stopped',
    zh: '启动服务：规划、定时、推送并提供 HTTP 接口，直到停止',
  },
  'serve --senders': {
    en: 'processes that deliver on this machine, about one per core',
    zh: '本机的发送进程数，约每核一个',
  },
  'serve example': same('$ hongyan serve --senders 4'),
  worker: {
    en: 'one more node on the same HONGYAN_DATABASE_URL; it does not listen on HTTP',
    zh: '增加一个节点，共用 HONGYAN_DATABASE_URL 指定的数据库，不提供 HTTP 接口',
  },
  'worker --senders': {
    en: 'processes that deliver on this machine, about one per core',
    zh: '本机的发送进程数，约每核一个',
  },
  'worker example': same('$ hongyan worker --senders 4'),
  doctor: {
    en: 'show the configuration and check the database, the clock and every account',
    zh: '体检：列出配置，检查数据库、时钟和每个账号',
  },
  'doctor example': same('$ hongyan doctor'),
} as const satisfies Record<string, Words>;
