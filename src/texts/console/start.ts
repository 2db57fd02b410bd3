import { defineWords } from './define.ts';

/** From nothing to the first message. */
export const startWords = defineWords({
  title: { en: 'First steps', zh: '开始使用' },
  about: {
    en: 'From here to a first message to yourself. You can leave and come back: each step shows what is done.',
    zh: '从接入账号到给自己发第一条消息。可以随时离开，回来后从未完成的步骤继续。',
  },
  done: { en: 'Done', zh: '已完成' },
  open: { en: 'To do', zh: '待完成' },
  later: { en: 'Can wait', zh: '可稍后' },

  account: { en: 'Connect an account', zh: '接入账号' },
  accountHint: {
    en: 'A service account, a Mini Program or a test account, with its appid and AppSecret.',
    zh: '服务号、小程序或测试号，需要 appid 和 AppSecret。',
  },
  add: { en: 'Add account', zh: '添加账号' },
  addMore: { en: 'Add another one', zh: '再添加一个' },
  accountDone: { en: '{name} · {kind} · {appid}', zh: '{name} · {kind} · {appid}' },
  mayNot: { en: 'Ask an administrator to add an account.', zh: '请联系管理员添加账号。' },

  simulate: { en: 'Start a simulated account', zh: '启动模拟账号' },
  simulateAgain: { en: 'Start it again', zh: '重新启动' },
  simulateAbout: {
    en: 'No account at hand? A simulated WeChat with 2,000 made-up followers runs on this machine and calls nobody. It ends and comes back together with the server; what its people received is not kept. When you are done, remove it here.',
    zh: '手头没有账号？可以先用模拟微信：在本机运行，有 2,000 个虚构的关注者，不访问外网。它随服务一起停止和恢复，用户收到的消息不保留；用完在此删除。',
  },
  simulated: { en: 'Simulated', zh: '模拟' },
  simulatedStopped: {
    en: 'The simulated WeChat does not run, so nothing can be sent to this account.',
    zh: '模拟微信未在运行，此账号暂时无法发送。',
  },
  phone: { en: 'Open the phone', zh: '打开模拟手机' },
  end: { en: 'Remove the simulated account', zh: '删除模拟账号' },
  endTitle: { en: 'Remove the simulated account?', zh: '删除模拟账号？' },
  endHint: {
    en: 'Its followers, templates, campaigns and messages go with it. Real accounts are not touched.',
    zh: '它的关注者、模板、推送和消息都会删除，不影响真实账号。',
  },
  ended: { en: 'The simulated account was removed.', zh: '模拟账号已删除。' },

  callback: { en: 'Let WeChat push events here', zh: '配置消息推送' },
  callbackHint: {
    en: 'Without it you see what WeChat accepted, and not what was delivered.',
    zh: '不配置也能发送，但只知道微信已受理，看不到是否送达。',
  },
  callbackSet: {
    en: 'Set up as {url}; nothing has come yet.',
    zh: '已配置为 {url}，尚未收到推送。',
  },
  callbackDone: { en: 'Works: the last push came at {time}.', zh: '正常，最近一次推送：{time}。' },
  callbackDo: { en: 'Set it up', zh: '去配置' },
  callbackLook: { en: 'Look at it', zh: '查看配置' },

  sync: { en: 'Fetch followers and templates', zh: '同步关注者和模板' },
  syncHint: {
    en: 'Followers for the audience, templates for the content.',
    zh: '关注者用于选择人群，模板用于填写内容。',
  },
  syncHintMp: {
    en: 'Templates for the content. A Mini Program has no list of users: they come with events and files.',
    zh: '模板用于填写内容。小程序没有用户列表，用户来自事件和上传的名单。',
  },
  syncDo: { en: 'Sync now', zh: '立即同步' },
  syncAgain: { en: 'Sync again', zh: '重新同步' },
  syncing: { en: 'Fetching followers: {seen} so far', zh: '正在同步关注者：已获取 {seen}' },
  syncFailed: { en: 'The sync stopped: {code}', zh: '同步已停止：{code}' },
  synced: {
    en: '{followers} followers, {templates} templates',
    zh: '{followers} 个关注者，{templates} 个模板',
  },
  syncedMp: { en: '{templates} templates', zh: '{templates} 个模板' },
  noTemplates: {
    en: 'The account has no template yet. Make one in WeChat’s console, then sync again.',
    zh: '账号还没有模板。请先在微信公众平台添加模板，再重新同步。',
  },

  test: { en: 'Send yourself a message', zh: '给自己发一条测试消息' },
  testHint: {
    en: 'One message with sample values, to one person, who also comes on the test list of the account.',
    zh: '用示例内容发给一个人，并把此人加入账号的测试名单。',
  },
  template: { en: 'Template', zh: '模板' },
  to: { en: 'Your openid', zh: '自己的 openid' },
  toHint: {
    en: 'Follow the account with your own phone: the newest followers are suggested.',
    zh: '用自己的手机关注该账号，这里会列出最近关注的人。',
  },
  toHintMp: {
    en: 'Your own program knows it: wx.login gives it.',
    zh: '可通过 wx.login 在自己的小程序里取得。',
  },
  toHintSimulated: {
    en: 'The person whose phone is shown: one of the simulated followers.',
    zh: '模拟手机的主人，模拟关注者之一。',
  },
  newest: { en: 'The newest followers', zh: '最近关注' },
  testDo: { en: 'Send it', zh: '发送测试' },
  testAgain: { en: 'Send another one', zh: '再发一条' },
  before: { en: 'First: {step}', zh: '请先完成：{step}' },

  next: { en: 'All set. Send to more people:', zh: '已就绪，可以开始推送：' },
  newCampaign: { en: 'New campaign', zh: '新建推送' },
});
