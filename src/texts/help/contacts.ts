import { same, type Words } from '../catalogue.ts';

/** followers, tags, templates, suppress. */
export const contactsHelp = {
  followers: {
    en: 'the followers of an Official Account, stored as contacts',
    zh: '公众号、服务号的关注者（保存为用户）',
  },
  'followers sync': {
    en: 'fetch the follower list, page by page; an interrupted sync goes on where it stopped',
    zh: '逐页获取关注者列表；中断后可从断点继续',
  },
  'followers sync --details': {
    en: 'also unionid, tags, subscribe time and scene (one call per 100 followers)',
    zh: '同时获取 unionid、标签、关注时间和来源（每 100 人一次调用）',
  },
  'followers sync --accept-loss': {
    en: 'although over 5 % of the followers would be marked as gone',
    zh: '即使超过 5% 的关注者将被标记为已取消关注，也继续',
  },
  'followers sync example': same('$ hongyan followers sync wx0123456789abcdef --details'),
  'followers count': {
    en: 'how many contacts are stored, and how old the list is',
    zh: '已保存多少用户，列表是什么时候同步的',
  },
  'followers count example': same('$ hongyan followers count wx0123456789abcdef'),

  'followers list': {
    en: 'the stored contacts in the order of their openids',
    zh: '列出已保存的用户，按 openid 排序',
  },
  'followers list --limit': {
    en: 'most lines (default 50, at most 1000)',
    zh: '最多显示多少个（默认 50，最多 1000）',
  },
  'followers list --openid': { en: 'this one', zh: '指定 openid' },
  'followers list --unionid': { en: 'whoever has this unionid', zh: '指定 unionid' },
  'followers list --tag': {
    en: 'with this tag (tags list shows the ids)',
    zh: '只列带此标签的（编号见 tags list）',
  },
  'followers list --unfollowed': { en: 'those who left instead of followers', zh: '只列已取消关注的' },
  'followers list --all': {
    en: 'all contacts, those of a Mini Program too',
    zh: '全部用户（小程序的用户用此项）',
  },
  'followers list example': same('$ hongyan followers list wx0123456789abcdef --tag 128'),
  'followers export': { en: 'the same as a file on standard output', zh: '把用户导出到标准输出' },
  'followers export --openid': { en: 'this one', zh: '指定 openid' },
  'followers export --unionid': { en: 'whoever has this unionid', zh: '指定 unionid' },
  'followers export --tag': { en: 'with this tag', zh: '只导出带此标签的' },
  'followers export --unfollowed': { en: 'those who left instead of followers', zh: '只导出已取消关注的' },
  'followers export --all': { en: 'all contacts', zh: '全部用户' },
  'followers export --format': { en: 'of the file', zh: '文件格式' },
  'followers export example': same('$ hongyan followers export wx0123456789abcdef > followers.csv'),

  tags: { en: 'the tags of an Official Account', zh: '公众号的用户标签' },
  'tags list': {
    en: 'ids, names and numbers of followers, asked of WeChat',
    zh: '向微信查询标签的编号、名称和人数',
  },
  'tags list example': same('$ hongyan tags list wx0123456789abcdef'),

  templates: { en: 'the message templates of an account', zh: '账号的消息模板' },
  'templates sync': {
    en: 'fetch the templates from WeChat (a few calls a day are allowed)',
    zh: '从微信获取模板列表（每天调用次数有限）',
  },
  'templates sync example': same('$ hongyan templates sync wx0123456789abcdef'),
  'templates list': { en: 'the stored templates', zh: '列出已保存的模板' },
  'templates list example': same('$ hongyan templates list wx0123456789abcdef'),
  'templates show': {
    en: 'one template: its text, its fields and a command that sends it',
    zh: '查看一个模板：内容、字段和可直接使用的推送命令',
  },
  'templates show example': same('$ hongyan templates show wx0123456789abcdef TEMPLATE_ID'),

  suppress: {
    en: 'people whom no campaign of an account may send to',
    zh: '禁发名单：任何推送任务都不得发送的用户',
  },
  'suppress add': {
    en: 'put openids on the list: separated by commas, or @file, or - for standard input',
    zh: '加入名单：openid 以逗号分隔，或 @文件，或 - 表示标准输入',
  },
  'suppress add --note': { en: 'why', zh: '原因' },
  'suppress add example': {
    en: '$ hongyan suppress add wx0123456789abcdef @complaints.csv --note "asked to be left alone"',
    zh: '$ hongyan suppress add wx0123456789abcdef @complaints.csv --note "用户要求不再推送"',
  },
  'suppress remove': { en: 'take openids off the list', zh: '移出名单' },
  'suppress remove example': same('$ hongyan suppress remove wx0123456789abcdef oABC…'),
  'suppress list': {
    en: 'the list, one openid a line (with --json one object a line)',
    zh: '列出名单，每行一个 openid（--json 每行一个对象）',
  },
  'suppress list example': same('$ hongyan suppress list wx0123456789abcdef'),
} as const satisfies Record<string, Words>;
