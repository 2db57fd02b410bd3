import { same, type Words } from '../catalogue.ts';

export const serveHelp = {
  serve: {
    en: 'plan, keep schedules, deliver campaigns and listen on HTTP until it is stopped',
    zh: '启动服务：做计划、执行定时任务、推送并提供 HTTP 接口，直到停止',
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
  backup: {
    en: 'write everything into one file, while others go on',
    zh: '备份：把全部数据写入一个文件，服务无需停止',
  },
  'backup <file>': { en: 'a file that is not there yet', zh: '尚不存在的文件' },
  'backup --with-key': {
    en: 'put the secret key in too: whoever has the file then has every AppSecret',
    zh: '同时写入密钥：得到该文件即得到所有 AppSecret',
  },
  'backup --json': { en: 'print JSON', zh: '输出 JSON' },
  'backup example': same('$ hongyan backup /backup/hongyan-2026-11-27.zip'),
  restore: {
    en: 'fill an empty data directory or database from a backup',
    zh: '恢复：把备份恢复到空的数据目录或数据库',
  },
  'restore <file>': { en: 'what backup has written', zh: 'backup 写出的文件' },
  'restore --json': { en: 'print JSON', zh: '输出 JSON' },
  'restore example': same('$ hongyan --data-dir /srv/hongyan restore /backup/hongyan-2026-11-27.zip'),
  doctor: {
    en: 'show the configuration, check machine, database, clocks, secrets, backups and every account, and say what to do',
    zh: '体检：列出配置，检查本机、数据库、时钟、密钥、备份和每个账号，并给出处理办法',
  },
  verify: {
    en: 'ask a real account what WeChat does where its documents are silent, with messages to yourself',
    zh: '用真实账号验证微信文档未说明的行为，只发给你自己',
  },
  'verify <appid>': {
    en: 'a service account or sandbox with a category template',
    zh: '有类目模板的服务号或测试号',
  },
  'verify --openid': {
    en: 'your own: about 6 messages arrive',
    zh: '你自己的 openid，约收到 6 条消息',
  },
  'verify --yes': { en: 'do not ask before each question', zh: '不逐项询问' },
  'verify --json': { en: 'print the report as JSON', zh: '以 JSON 输出报告' },
  'verify example': same('$ hongyan verify wx0123456789abcdef --openid oAAAAAAAAAAAAAAAAAAAAAAAAAAAA'),
  'doctor example': same('$ hongyan doctor'),
} as const satisfies Record<string, Words>;
