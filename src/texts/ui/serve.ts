import type { Words } from '../catalogue.ts';

export const serveTexts = {
  'error.unexpected': {
    en: 'unexpected error, please report it: {message} [{code}]',
    zh: '意外错误，请反馈给我们：{message} [{code}]',
  },
  'interrupt.stopped': { en: 'stopped', zh: '已停止' },
  'interrupt.slow': {
    en: 'Stopping: at most {seconds} s. Another ctrl-C ends it at once.',
    zh: '正在停止：最多 {seconds} 秒。再按一次 Ctrl-C 立即结束。',
  },
  'interrupt.late': {
    en: 'Ended after {seconds} s without having finished. Nobody is forgotten or messaged twice for it: what was in flight is settled as after a kill.',
    zh: '{seconds} 秒内未能收尾，进程已结束。不会因此漏发或重发：已发出而未落盘的部分按进程被杀处理。',
  },
  'database.away': {
    en: 'The database cannot be reached. Nothing is lost: this waits for it and goes on. Do not kill it.',
    zh: '无法连接数据库。没有丢失数据：正在等待，恢复后自动继续。请不要强行结束进程。',
  },
  'database.back': { en: 'The database is back.', zh: '数据库已恢复。' },
  'serve.started': {
    en: 'Hongyan {version} is working (node {node}). Ctrl-C stops it.',
    zh: '鸿雁 {version} 正在运行（节点 {node}）。按 Ctrl-C 停止。',
  },
  'serve.listening': { en: 'Listening on {url}', zh: '监听于 {url}' },
  'serve.console': { en: '  console   {url}/', zh: '  控制台   {url}/' },
  'serve.notBuilt': {
    en: '  console   not built yet: run "npm run build" and start again',
    zh: '  控制台   尚未构建：请运行 npm run build，然后重新启动',
  },
  'serve.api': {
    en: '  API       {url}/v1, documented at {url}/docs',
    zh: '  API      {url}/v1，文档 {url}/docs',
  },
  'serve.callback': {
    en: '  callback  {url}/callback/APPID, under a public address: hongyan callback config --help',
    zh: '  消息推送 {url}/callback/APPID，须有公网地址：hongyan callback config --help',
  },
  'serve.addAccount': {
    en: 'There is no account yet: add one in the console, or with hongyan accounts add.',
    zh: '还没有账号：请在控制台添加，或运行 hongyan accounts add。',
  },
  'serve.addAccountHere': {
    en: 'There is no account yet: hongyan accounts add.',
    zh: '还没有账号：请运行 hongyan accounts add。',
  },
  'serve.leaving': {
    en: 'Leaving: for {seconds} s /readyz answers 503, and everything else goes on.',
    zh: '准备停止：{seconds} 秒内 /readyz 返回 503，其余照常。',
  },
  'simulate.phone': { en: '  phone: {url}', zh: '  模拟手机：{url}' },
  'simulate.notBuilt': {
    en: '  The phone is not built yet: npm run build',
    zh: '  模拟手机尚未构建：npm run build',
  },
  'serve.stopping': {
    en: 'Finishing what is in flight (at most 10 s) …',
    zh: '正在完成已发出的请求（最多 10 秒）…',
  },
  'serve.stopped': { en: 'Stopped; nothing is lost.', zh: '已停止，没有丢失任何数据。' },
  'serve.stoppedLate': {
    en: 'Stopped before everything could be stored. Nobody is forgotten or messaged twice for it: what was in flight is settled as after a kill.',
    zh: '已停止，但未能全部落盘。不会因此漏发或重发：已发出而未落盘的部分按进程被杀处理。',
  },
  'simulate.exposed': {
    en: 'Note: on {host} the simulator can be reached from other machines, and it asks nobody for a password: they can read its messages and change it.',
    zh: '提示：监听 {host} 时其他机器也能访问模拟器，且不需要密码：可以读取其中的消息，也可以更改它。',
  },
  'simulate.started': {
    en: 'WeChat simulator on {url} (made-up accounts; it calls nobody)',
    zh: '模拟微信：{url}（账号都是虚构的，不会访问任何外部地址）',
  },
  'simulate.startedCalling': {
    en: 'WeChat simulator on {url} (made-up accounts; it calls nobody but the callback URL)',
    zh: '模拟微信：{url}（账号都是虚构的，只访问回调 URL）',
  },
  'simulate.account': { en: '{appid}  ({kind}, {people} people)', zh: '{appid}（{kind}，{people} 人）' },
  'simulate.nobody': { en: 'none', zh: '无' },
  'simulate.template': { en: 'template', zh: '模板' },
  'simulated.oa': { en: 'template message', zh: '模板消息' },
  'simulated.subscribe': { en: 'subscribe message', zh: '订阅消息' },
  'simulated.once': { en: 'one-time subscription', zh: '一次性订阅消息' },
  'simulated.form': { en: 'form_id message', zh: 'form_id 模板消息' },
  'simulate.templateIs': {
    en: '{id}  {family}: {title} ({keys})',
    zh: '{id}  {family}：{title}（{keys}）',
  },
  'simulate.events': { en: 'events', zh: '事件' },
  'simulate.callback': {
    en: '{url}  ({mode}, {format}; from {originalId})',
    zh: '{url}（{mode}、{format}，来自 {originalId}）',
  },
  'simulate.aesKey': { en: 'aes key', zh: 'AES 密钥' },
  'simulate.use': { en: 'use it', zh: '添加账号' },
  'simulate.admin': {
    en: '  received, faults, time: {url}',
    zh: '  查看收到的消息、设置故障、调整时间：{url}',
  },
  'simulate.end': { en: '  ctrl-C ends it', zh: '  按 Ctrl-C 结束' },
  'demo.stopped': {
    en: 'Stopped. What the demo made is removed; there is nothing to go on with.',
    zh: '已停止。演示数据已清除，没有需要继续的任务。',
  },
  'demo.simulator': {
    en: 'A simulated WeChat with {followers} followers at {url}',
    zh: '模拟微信：{followers} 个关注者，{url}',
  },
  'demo.database': {
    en: 'A database of its own in {dir} (removed at the end)',
    zh: '独立的数据库：{dir}（结束后删除）',
  },
  'demo.steps': {
    en: '1 token → 2 followers → 3 template → 4 push, as the tutorials do it, to everybody.',
    zh: '四个步骤：1 token → 2 关注者 → 3 模板 → 4 推送给所有人。',
  },
  'demo.verified': {
    en: 'The simulator received {received} messages for {openids} openids; {twice} got more than one.',
    zh: '模拟器收到 {received} 条消息，发给 {openids} 个 openid；其中 {twice} 个收到不止一条。',
  },
  'demo.open': {
    en: `
Open these in a browser:
  console  {console}
           (works once: it sets the password of "admin")
  phone    {phone}
Ctrl-C ends everything; nothing is left behind.`,
    zh: `
在浏览器中打开：
  控制台    {console}
           （仅可使用一次，用来设置 admin 的密码）
  模拟手机  {phone}
按 Ctrl-C 全部结束，不留下任何数据。`,
  },
  'demo.closed': {
    en: 'Ended. What the demo made is removed.',
    zh: '已结束，演示数据已清除。',
  },
} as const satisfies Record<string, Words>;
