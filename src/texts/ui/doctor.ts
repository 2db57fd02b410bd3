import type { Words } from '../catalogue.ts';

/** What `hongyan doctor` found, and what it looked at. */
export const doctorTexts = {
  'doctor.ok': { en: 'ok   {what}: {detail}', zh: '正常 · {what}：{detail}' },
  'doctor.bad': { en: 'BAD  {what}: {detail}', zh: '异常 · {what}：{detail}' },
  'doctor.node': { en: 'node', zh: 'Node.js 版本' },
  'doctor.nodeDetail': { en: '{version} on {platform}', zh: '{version}，{platform}' },
  'doctor.configFile': { en: 'config file', zh: '配置文件' },
  'doctor.none': { en: 'none', zh: '无' },
  'doctor.config': { en: 'config {key}', zh: '配置 {key}' },
  'doctor.configDetail': { en: '{value} ({source})', zh: '{value}（{source}）' },
  'doctor.hidden': { en: '(set, not shown)', zh: '已设置，不显示' },
  'source.default': { en: 'default', zh: '默认' },
  'source.file': { en: 'file', zh: '配置文件' },
  'source.environment': { en: 'environment', zh: '环境变量' },
  'source.flag': { en: 'flag', zh: '命令行' },
  'doctor.database': { en: 'database', zh: '数据库' },
  'doctor.databaseDetail': {
    en: 'PostgreSQL {version}, {encoding}, {megabytes} MB, migration {migration}',
    zh: 'PostgreSQL {version}，{encoding}，{megabytes} MB，迁移版本 {migration}',
  },
  'doctor.durability': { en: 'durability', zh: '落盘设置' },
  'doctor.durabilityDetail': {
    en: 'fsync {fsync}, synchronous_commit {synchronousCommit}; both must be on, or a crash forgets who was messaged',
    zh: 'fsync {fsync}，synchronous_commit {synchronousCommit}；两项都要开启，否则崩溃后不知道发给过谁',
  },
  'doctor.restores': { en: 'restores', zh: '恢复检测' },
  'doctor.restoresOk': {
    en: 'a restore or failover of the database is noticed',
    zh: '数据库被恢复或主备切换时能够察觉',
  },
  'doctor.restoresBlind': {
    en: 'the database does not tell its {blindSpots}; a process that starts on a restored one may not notice it: pause the campaigns before you restore',
    zh: '数据库不提供 {blindSpots}，在恢复出的库上启动时可能察觉不到：恢复前请先暂停推送任务',
  },
  'doctor.connections': { en: 'connections', zh: '数据库连接数' },
  'doctor.connectionsOk': {
    en: '{nodes} nodes use up to {perNode} each, with commands {wanted}; the server gives this user {usable}',
    zh: '{nodes} 个节点，每个最多 {perNode} 个，连同命令共 {wanted} 个；该用户可用 {usable} 个',
  },
  'doctor.connectionsFew': {
    en: '{nodes} nodes use up to {perNode} each, with commands {wanted}, and the server gives this user only {usable}: set max_connections to {need} and restart PostgreSQL, raise the limit of the user or database, or run fewer nodes',
    zh: '{nodes} 个节点，每个最多 {perNode} 个，连同命令共 {wanted} 个，而该用户只能用 {usable} 个：把 max_connections 调到 {need} 并重启 PostgreSQL，或提高该用户、数据库的连接上限，或减少节点',
  },
  'doctor.failover': { en: 'failover', zh: '主备切换' },
  'doctor.failoverNone': { en: 'no standby follows the database', zh: '没有备库' },
  'doctor.failoverGoesOn': {
    en: '{standbys} standbys, and each commit waits for all: sending goes on by itself after a failover',
    zh: '{standbys} 个备库，每次提交都等全部备库：切换后自动继续发送',
  },
  'doctor.failoverPauses': {
    en: '{standbys} standbys, and commits do not wait for all of them: after a failover campaigns pause, and whoever may have been messaged is unknown; see synchronous_standby_names',
    zh: '{standbys} 个备库，提交不等全部备库：切换后推送任务会暂停，可能已发送的用户记为结果未知；请设置 synchronous_standby_names',
  },
  'doctor.clock': { en: 'clock', zh: '时钟' },
  'doctor.clockDetail': { en: "{ms} ms from the database's", zh: '与数据库相差 {ms} 毫秒' },
  'doctor.clockSteps': { en: 'clock steps', zh: '时钟跳变' },
  'doctor.clockSteady': {
    en: "the database's clock was not set in the last 24 hours",
    zh: '最近 24 小时数据库时钟没有跳变',
  },
  'doctor.clockStepped': {
    en: "the database's clock was {steps}; keep it by NTP",
    zh: '数据库时钟{steps}；请用 NTP 校时',
  },
  'doctor.stepBack': {
    en: 'set back by {seconds} s (noticed at {at})',
    zh: '回拨了 {seconds} 秒（{at} 发现）',
  },
  'doctor.stepForward': {
    en: 'set forward, or the machine slept, by {seconds} s (noticed at {at})',
    zh: '前进了 {seconds} 秒（或机器休眠过，{at} 发现）',
  },
  'doctor.backup': { en: 'daily backup', zh: '每日备份' },
  'doctor.backupNone': { en: 'none is set up (HONGYAN_BACKUP_DIR)', zh: '未设置（HONGYAN_BACKUP_DIR）' },
  'doctor.backupNever': { en: 'there is none yet', zh: '还没有完整的备份' },
  'doctor.backupDone': {
    en: 'the newest is {path} on {host}, of {at}',
    zh: '最近一份：{host} 上的 {path}，{at} 完成',
  },
  'doctor.backupFailed': {
    en: '{path} on {host} failed at {at} ({code}) and is tried again; {newest}',
    zh: '{at} 备份到 {host} 的 {path} 失败（{code}），会自动重试；{newest}',
  },
  'doctor.workers': { en: 'workers', zh: '工作节点' },
  'doctor.workersNone': {
    en: 'none running; push delivers by itself',
    zh: '没有运行中的节点，push 会自行发送',
  },
  'doctor.account': { en: 'account {appid}', zh: '账号 {appid}' },
  'doctor.accountOk': {
    en: 'WeChat accepts its credentials from this machine',
    zh: '凭证有效，本机 IP 可用',
  },
} as const satisfies Record<string, Words>;
