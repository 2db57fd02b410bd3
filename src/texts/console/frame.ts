import { defineWords } from './define.ts';

/** What is around every page of the console. */
export const frameWords = defineWords({
  product: { en: 'Hongyan', zh: '鸿雁' },
  'menu.label': { en: 'Menu', zh: '菜单' },
  'menu.overview': { en: 'Overview', zh: '概览' },
  'menu.newCampaign': { en: 'New campaign', zh: '新建推送' },
  'menu.campaigns': { en: 'Campaigns', zh: '推送' },
  'menu.deliveries': { en: 'Deliveries', zh: '发送记录' },
  'menu.contacts': { en: 'People', zh: '用户与人群' },
  'menu.templates': { en: 'Templates', zh: '模板' },
  'menu.schedules': { en: 'Schedules', zh: '定时任务' },
  'menu.accounts': { en: 'Accounts', zh: '账号' },
  'menu.events': { en: 'Events', zh: '事件' },
  'menu.alerts': { en: 'Alerts', zh: '告警' },
  'menu.webhooks': { en: 'Webhooks', zh: 'Webhook' },
  'menu.keys': { en: 'API keys', zh: '密钥' },
  'menu.users': { en: 'Members', zh: '成员与角色' },
  'menu.audit': { en: 'Audit', zh: '审计' },
  'menu.nodes': { en: 'Nodes', zh: '节点' },
  skip: { en: 'To the content', zh: '跳到正文' },
  account: { en: 'Account', zh: '账号' },
  noAccount: { en: 'No account yet', zh: '还没有账号' },
  simulated: { en: 'Simulated', zh: '模拟' },
  search: { en: 'openid or your own number', zh: 'openid 或业务单号' },
  me: { en: 'Signed in as {name}', zh: '当前用户：{name}' },
  'theme.system': { en: 'As the system', zh: '跟随系统' },
  'theme.light': { en: 'Light', zh: '浅色' },
  'theme.dark': { en: 'Dark', zh: '深色' },
  signOut: { en: 'Sign out', zh: '退出登录' },
  notFound: { en: 'There is no such page', zh: '没有这个页面' },
  notFoundHint: {
    en: 'The address may be mistyped, or the page was moved.',
    zh: '地址可能有误，或页面已移动。',
  },
  forbidden: { en: 'Not for you', zh: '没有权限' },
  forbiddenRole: {
    en: 'As {role} you have not got the permission “{permission}”.',
    zh: '你的角色是“{role}”，没有“{permission}”的权限。',
  },
  forbiddenKey: {
    en: 'This key has not got the permission “{permission}”.',
    zh: '此密钥没有“{permission}”的权限。',
  },
  forbiddenHint: { en: 'An administrator can change your role.', zh: '如需使用，请联系管理员调整角色。' },
  toOverview: { en: 'To the overview', zh: '回到概览' },
  lost: {
    en: 'No connection to the server. What you see is from {time}.',
    zh: '与服务器的连接已断开，当前显示的是 {time} 的数据。',
  },
  databaseAway: {
    en: 'The server’s database does not answer. What you see is from {time}. Sending goes on by itself once it does.',
    zh: '服务器的数据库没有应答，当前显示的是 {time} 的数据。恢复后推送会自动继续。',
  },
  back: { en: 'Connected again; what you see is new.', zh: '与服务器的连接已恢复，数据已更新。' },
  live: { en: 'Live', zh: '实时' },
  liveHint: { en: 'Changes are shown as they happen.', zh: '有变化立即显示。' },
  notLive: {
    en: 'Live updates broke off; figures are read again every few seconds until they are back.',
    zh: '实时更新中断，恢复之前每隔几秒刷新一次。',
  },
  zone: { en: 'Times are in {zone}.', zh: '时区：{zone}' },

  'password.change': { en: 'Change password', zh: '修改密码' },
  'password.current': { en: 'Current password', zh: '当前密码' },
  'password.new': { en: 'New password', zh: '新密码' },
  'password.again': { en: 'Once more', zh: '再输入一次' },
  'password.hint': {
    en: 'At least 12 characters; length is what counts.',
    zh: '至少 12 个字符，越长越安全。',
  },
  'password.differ': { en: 'The two are not the same', zh: '两次输入不一致' },
  'password.changed': {
    en: 'Password changed. Your other sessions have ended.',
    zh: '密码已修改，其他设备上的登录已全部退出。',
  },

  'first.title': { en: 'Set your password', zh: '设置密码' },
  'first.about': {
    en: 'This link works once. Afterwards you sign in with your name and this password.',
    zh: '此链接只能使用一次。之后用用户名和这个密码登录。',
  },
  'first.do': { en: 'Set it and go on', zh: '设置并继续' },
  'first.noToken': { en: 'This link is not whole', zh: '链接不完整' },
  'first.noTokenHint': {
    en: 'Copy it whole, with what stands behind the #.',
    zh: '请完整复制链接，包括 # 后面的部分。',
  },

  'signIn.title': { en: 'Sign in', zh: '登录' },
  'signIn.name': { en: 'Name', zh: '用户名' },
  'signIn.password': { en: 'Password', zh: '密码' },
  'signIn.do': { en: 'Sign in', zh: '登录' },
  'signIn.expired': { en: 'Your session has ended', zh: '登录已过期' },
  'signIn.expiredHint': {
    en: 'Sign in again and go on: what you typed is still here.',
    zh: '重新登录即可继续，已填写的内容都还在。',
  },
  'signIn.forgot': {
    en: 'Forgotten? An administrator sends a new link, or on the server: hongyan users link NAME',
    zh: '忘记密码？请联系管理员重新生成链接，或在服务器上运行：hongyan users link 用户名',
  },
});
