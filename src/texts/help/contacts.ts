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
  'followers erase': {
    en: 'erase one person from everything that is stored of the account; counts stay, and no campaign sends to them again',
    zh: '删除一个用户的全部信息；保留计数，且不再向其推送',
  },
  'followers erase <openid>': { en: 'whose', zh: '该用户的 openid' },
  'followers erase example': same(
    '$ hongyan followers erase wx0123456789abcdef oTjywVfABsyzZ287Jb9ptGlpSVs2',
  ),
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

  filters: {
    en: 'contacts by what is known of them, under a name: audiences of push --to filter:ID',
    zh: '按已知信息筛选用户并保存；作为推送对象：push --to filter:ID',
  },
  'filters list': { en: 'the filters of an account', zh: '列出账号的筛选' },
  'filters list example': same('$ hongyan filters list wx0123456789abcdef'),
  'filters show': { en: 'one filter, and how many it finds now', zh: '查看一个筛选及此刻的人数' },
  'filters show <id>': { en: 'its number', zh: '编号' },
  'filters show example': same('$ hongyan filters show wx0123456789abcdef 3'),
  'filters count': { en: 'how many the rules find now; nothing is kept', zh: '规则此刻筛出多少人，不保存' },
  'filters count --tag': { en: 'with one of these tags', zh: '带有其中任一标签' },
  'filters count --subscribed-since': { en: 'who follow since then', zh: '此后关注的' },
  'filters count --subscribed-within': {
    en: 'who began to follow in the last so many days',
    zh: '最近多少天内关注的',
  },
  'filters count --credit': {
    en: 'by credits of a template: TEMPLATE=left, none, known or unknown',
    zh: '按某模板的订阅次数：TEMPLATE=left（有）、none（无）、known（已知）或 unknown（未知）',
  },
  'filters count --got': { en: 'who got these campaigns, or may have', zh: '收到或可能收到这些任务的' },
  'filters count --not-got': {
    en: 'who certainly did not get these campaigns',
    zh: '确定没有收到这些任务的',
  },
  'filters count --suppressed': { en: 'only those on the suppression list', zh: '只要禁发名单上的' },
  'filters count --no-suppressed': { en: 'only those not on the suppression list', zh: '不要禁发名单上的' },
  'filters count example': same('$ hongyan filters count wx0123456789abcdef --tag 128 --not-got 12'),
  'filters add': { en: 'save a filter; all its rules must hold', zh: '保存筛选；须同时满足所有规则' },
  'filters add <name>': { en: 'its name', zh: '名称' },
  'filters add --tag': { en: 'with one of these tags', zh: '带有其中任一标签' },
  'filters add --subscribed-since': { en: 'who follow since then', zh: '此后关注的' },
  'filters add --subscribed-within': {
    en: 'who began to follow in the last so many days',
    zh: '最近多少天内关注的',
  },
  'filters add --credit': {
    en: 'by credits of a template: TEMPLATE=left, none, known or unknown',
    zh: '按某模板的订阅次数：TEMPLATE=left（有）、none（无）、known（已知）或 unknown（未知）',
  },
  'filters add --got': { en: 'who got these campaigns, or may have', zh: '收到或可能收到这些任务的' },
  'filters add --not-got': { en: 'who certainly did not get these campaigns', zh: '确定没有收到这些任务的' },
  'filters add --suppressed': { en: 'only those on the suppression list', zh: '只要禁发名单上的' },
  'filters add --no-suppressed': { en: 'only those not on the suppression list', zh: '不要禁发名单上的' },
  'filters add example': same(
    '$ hongyan filters add wx0123456789abcdef vip-30 --tag 128 --subscribed-within 30',
  ),
  'filters edit': {
    en: 'another name, or other rules as a whole; campaigns keep those that they were made with',
    zh: '改名，或整体替换规则；已创建的任务不受影响',
  },
  'filters edit <id>': { en: 'its number', zh: '编号' },
  'filters edit --name': { en: 'its new name', zh: '新名称' },
  'filters edit --revision': {
    en: 'only if it is still at this revision (filters show --json)',
    zh: '仅当仍是该版本时修改（见 filters show --json）',
  },
  'filters edit --tag': { en: 'with one of these tags', zh: '带有其中任一标签' },
  'filters edit --subscribed-since': { en: 'who follow since then', zh: '此后关注的' },
  'filters edit --subscribed-within': {
    en: 'who began to follow in the last so many days',
    zh: '最近多少天内关注的',
  },
  'filters edit --credit': {
    en: 'by credits of a template: TEMPLATE=left, none, known or unknown',
    zh: '按某模板的订阅次数：TEMPLATE=left（有）、none（无）、known（已知）或 unknown（未知）',
  },
  'filters edit --got': { en: 'who got these campaigns, or may have', zh: '收到或可能收到这些任务的' },
  'filters edit --not-got': { en: 'who certainly did not get these campaigns', zh: '确定没有收到这些任务的' },
  'filters edit --suppressed': { en: 'only those on the suppression list', zh: '只要禁发名单上的' },
  'filters edit --no-suppressed': { en: 'only those not on the suppression list', zh: '不要禁发名单上的' },
  'filters edit example': same('$ hongyan filters edit wx0123456789abcdef 3 --tag 128 130'),
  'filters remove': { en: 'remove a filter that no schedule sends to', zh: '删除筛选；被定时任务使用时拒绝' },
  'filters remove <id>': { en: 'its number', zh: '编号' },
  'filters remove example': same('$ hongyan filters remove wx0123456789abcdef 3'),

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
