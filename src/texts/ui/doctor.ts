import type { Words } from '../catalogue.ts';

/** What `hongyan doctor` found, and what it looked at. */
export const doctorTexts = {
  'doctor.ok': { en: 'ok   {what}: {detail}', zh: '正常 · {what}：{detail}' },
  'doctor.bad': { en: 'BAD  {what}: {detail}', zh: '异常 · {what}：{detail}' },
  'doctor.note': { en: 'note {what}: {detail}', zh: '建议 · {what}：{detail}' },
  'doctor.fix': { en: '     → {fix}', zh: '     → {fix}' },
  'doctor.and': { en: '; ', zh: '；' },
  'doctor.node': { en: 'node', zh: 'Node.js 版本' },
  'doctor.nodeDetail': { en: '{version} on {platform}', zh: '{version}，{platform}' },
  'doctor.nodeFix': {
    en: 'use an even version of Node.js from 24 on: others are kept up for months only, or end soon',
    zh: '改用 24 以上的偶数版 Node.js：其他版本维护期短或即将停止维护',
  },
  'doctor.libc': { en: 'C library', zh: 'C 库' },
  'doctor.libcOther': { en: 'not glibc', zh: '不是 glibc' },
  'doctor.libcFix': {
    en: 'the embedded PostgreSQL needs glibc: use Debian, or an external database (HONGYAN_DATABASE_URL)',
    zh: '内嵌 PostgreSQL 需要 glibc：改用 Debian 等系统，或使用外部数据库（HONGYAN_DATABASE_URL）',
  },
  'doctor.disk': { en: 'disk', zh: '磁盘空间' },
  'doctor.diskDetail': {
    en: '{free} of {total} MB free at {directory}',
    zh: '{directory} 剩余 {free} MB，共 {total} MB',
  },
  'doctor.diskFix': {
    en: 'make room or enlarge the disk: a full one stops the database, and with it all sending',
    zh: '清理或扩容：磁盘写满后数据库会停止，推送也随之停止',
  },
  'doctor.zone': { en: 'time zone', zh: '进程时区' },
  'doctor.zoneUnknown': { en: 'TZ={asked} is none, so it is UTC', zh: 'TZ={asked} 无效，按 UTC 处理' },
  'doctor.zoneFix': {
    en: 'set TZ to a name such as Asia/Shanghai, or to nothing',
    zh: '把 TZ 设为 Asia/Shanghai 这样的名称，或不设',
  },
  'doctor.files': { en: 'file modes', zh: '文件权限' },
  'doctor.filesOk': { en: 'secrets are for their owner only', zh: '密钥文件仅所有者可读' },
  'doctor.filesExposed': { en: 'open to others: {files}', zh: '其他用户可以访问：{files}' },
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
    en: 'fsync {fsync}, synchronous_commit {synchronousCommit}',
    zh: 'fsync 为 {fsync}，synchronous_commit 为 {synchronousCommit}',
  },
  'doctor.durabilityFix': {
    en: "set both on in PostgreSQL's configuration and reload it, or a crash forgets who was messaged",
    zh: '在 PostgreSQL 配置中把两项都设为 on 并重新加载，否则崩溃后不知道发给过谁',
  },
  'doctor.restores': { en: 'restores', zh: '恢复检测' },
  'doctor.restoresOk': {
    en: 'a restore or failover of the database is noticed',
    zh: '数据库被恢复或主备切换时能够察觉',
  },
  'doctor.restoresBlind': {
    en: 'the database does not tell its {blindSpots}; a process that starts on a restored one may not notice it',
    zh: '数据库不提供 {blindSpots}，在恢复出的库上启动时可能察觉不到',
  },
  'doctor.restoresFix': {
    en: 'pause the campaigns before you restore',
    zh: '恢复前先暂停推送任务',
  },
  'doctor.connections': { en: 'connections', zh: '数据库连接数' },
  'doctor.connectionsDetail': {
    en: '{nodes} nodes use up to {perNode} each, with commands {wanted}; the server gives this user {usable}',
    zh: '{nodes} 个节点，每个最多 {perNode} 个，连同命令共 {wanted} 个；该用户可用 {usable} 个',
  },
  'doctor.connectionsFix': {
    en: 'set max_connections to {need} and restart PostgreSQL, raise the limit of the user or database, or run fewer nodes',
    zh: '把 max_connections 调到 {need} 并重启 PostgreSQL，或提高该用户、数据库的连接上限，或减少节点',
  },
  'doctor.failover': { en: 'failover', zh: '主备切换' },
  'doctor.failoverNone': { en: 'no standby follows the database', zh: '没有备库' },
  'doctor.failoverGoesOn': {
    en: '{standbys} standbys, and each commit waits for all: sending goes on by itself after a failover',
    zh: '{standbys} 个备库，每次提交都等全部备库：切换后自动继续发送',
  },
  'doctor.failoverPauses': {
    en: '{standbys} standbys, and commits do not wait for all of them: after a failover campaigns pause, and whoever may have been messaged is unknown',
    zh: '{standbys} 个备库，提交不等全部备库：切换后推送任务会暂停，可能已发送的用户记为结果未知',
  },
  'doctor.failoverFix': {
    en: 'name all of them in synchronous_standby_names, with synchronous_commit = on, if sending is to go on by itself',
    zh: '如需自动继续发送：在 synchronous_standby_names 中列出全部备库，并设 synchronous_commit = on',
  },
  'doctor.clock': { en: 'clock', zh: '时钟' },
  'doctor.clockDetail': { en: "{ms} ms from the database's", zh: '与数据库相差 {ms} 毫秒' },
  'doctor.clockFix': {
    en: 'keep the clocks of both machines by NTP (timedatectl set-ntp true)',
    zh: '用 NTP 校准双方时钟（timedatectl set-ntp true）',
  },
  'doctor.clockStepFix': {
    en: "keep the database machine's clock by NTP, slewed and not stepped (chrony)",
    zh: '数据库所在机器用 NTP 校时，并用渐进方式（chrony）',
  },
  'doctor.clockSteps': { en: 'clock steps', zh: '时钟跳变' },
  'doctor.clockSteady': {
    en: "the database's clock was not set in the last 24 hours",
    zh: '最近 24 小时数据库时钟没有跳变',
  },
  'doctor.clockStepped': {
    en: "the database's clock was {steps}",
    zh: '数据库时钟{steps}',
  },
  'doctor.stepBack': {
    en: 'set back by {seconds} s (noticed at {at})',
    zh: '回拨了 {seconds} 秒（{at} 发现）',
  },
  'doctor.stepForward': {
    en: 'set forward, or the machine slept, by {seconds} s (noticed at {at})',
    zh: '前进了 {seconds} 秒（或机器休眠过，{at} 发现）',
  },
  'doctor.backup': { en: 'backup', zh: '备份' },
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
  'doctor.workers': { en: 'workers', zh: '节点' },
  'doctor.workersNone': {
    en: 'none running; push delivers by itself',
    zh: '没有运行中的节点，push 会自行发送',
  },
  'doctor.account': { en: 'account {appid}', zh: '账号 {appid}' },
  'doctor.accountOk': {
    en: 'WeChat accepts its credentials from this machine',
    zh: '凭证有效，本机 IP 可用',
  },
  'doctor.keys': { en: 'secret keys', zh: '密钥更换' },
  'doctor.keysBy': {
    en: '{now} values are encrypted with {current}, which is used now, and {count} with {key}',
    zh: '当前密钥 {current} 加密 {now} 项，另一把 {key} 加密 {count} 项',
  },
  'doctor.keysFix': {
    en: 'do not drop {key} yet: give all nodes the new key as HONGYAN_SECRET_KEY and the old one as HONGYAN_SECRET_KEY_PREVIOUS, then run hongyan rekey',
    zh: '暂勿去掉 {key}：所有节点以新密钥为 HONGYAN_SECRET_KEY、旧密钥为 HONGYAN_SECRET_KEY_PREVIOUS，再执行 hongyan rekey',
  },
  'doctor.keysDrop': {
    en: 'once hongyan rekey has ended, HONGYAN_SECRET_KEY_PREVIOUS ({key}) may go; keep that key for older backups',
    zh: 'hongyan rekey 完成后即可去掉 HONGYAN_SECRET_KEY_PREVIOUS（{key}），并保留该密钥以便恢复旧备份',
  },
  'doctor.secrets': { en: 'stored secrets', zh: '已加密的密钥' },
  'doctor.secretsOk': {
    en: 'all {count} open with the secret key',
    zh: '共 {count} 项，均可用当前密钥解密',
  },
  'doctor.secretsUnreadable': {
    en: 'of {count}, these do not open: {unreadable}',
    zh: '共 {count} 项，以下无法解密：{unreadable}',
  },
  'doctor.secretsFix': {
    en: 'they were changed outside of Hongyan, or belong to another installation: restore the backup, or give them again (accounts add, callback config, webhooks, alerts)',
    zh: '它们被外部改动过，或来自另一套安装：从备份恢复，或重新填写（accounts add、callback config、webhooks、alerts）',
  },
  'doctor.backupByHand': { en: 'hongyan backup made one at {at}', zh: 'hongyan backup 于 {at} 备份过' },
  'doctor.backupFailedFix': {
    en: 'mend that; the next try is within 15 minutes',
    zh: '排除原因；15 分钟内会重试',
  },
  'doctor.backupFix': {
    en: 'set HONGYAN_BACKUP_DIR, on another disk, unless PostgreSQL is backed up by other means',
    zh: '设置 HONGYAN_BACKUP_DIR，放在另一块磁盘；数据库已另有备份的除外',
  },
  'doctor.untold': { en: 'WeChat did not say', zh: '微信未返回' },
  'doctor.egress': { en: 'address of {appid}', zh: '{appid} 的出口 IP' },
  'doctor.egressFix': {
    en: "this holds for this machine only; run doctor on {hosts} too, and put each address on the account's IP list",
    zh: '仅适用于本机；请在 {hosts} 上也运行 doctor，并把各出口 IP 都加入 IP 白名单',
  },
  'doctor.wechatClock': { en: 'clock of {appid}', zh: '{appid} 的微信时钟' },
  'doctor.wechatClockDetail': { en: "{ms} ms from WeChat's", zh: '与微信相差 {ms} 毫秒' },
  'doctor.quota': { en: 'quota of {appid}', zh: '{appid} 的额度' },
  'doctor.quotaOk': { en: 'enough of each send API today', zh: '今日各发送接口额度充足' },
  'doctor.quotaShort': { en: '{path}: {left} left of {limit}', zh: '{path} 剩余 {left}，上限 {limit}' },
  'doctor.quotaFix': {
    en: 'campaigns wait for the next day; hongyan quota show {appid} says when it begins, and hongyan quota clear {appid} empties the counters, ten times a month',
    zh: '推送任务会等到次日；hongyan quota show {appid} 查看重置时间；hongyan quota clear {appid} 可清零，每月限 10 次',
  },
  'doctor.callback': { en: 'callback of {appid}', zh: '{appid} 的消息推送' },
  'doctor.callbackNone': {
    en: 'none: receipts and follows are not learnt of',
    zh: '未配置：收不到送达回执和关注事件',
  },
  'doctor.callbackNoUrl': {
    en: 'WeChat reaches its URL; ours is not known here',
    zh: '微信可以访问它的 URL；鸿雁未记录公网地址',
  },
  'doctor.callbackSetFix': {
    en: 'hongyan callback config {appid} --url https://HOST',
    zh: 'hongyan callback config {appid} --url https://域名',
  },
  'doctor.callbackDead': {
    en: '{url} does not answer as WeChat wants it: {got}',
    zh: '{url} 未按微信要求应答：{got}',
  },
  'doctor.callbackDeadFix': {
    en: 'see that serve runs and the proxy in front of it passes /callback/{appid} with its query; then hongyan callback check {appid}',
    zh: '确认 serve 在运行，前面的代理把 /callback/{appid} 连同参数转发过来；再运行 hongyan callback check {appid}',
  },
  'doctor.callbackRefused': {
    en: 'WeChat did not look at it: {errcode} {errmsg}',
    zh: '微信未检测：{errcode} {errmsg}',
  },
  'doctor.callbackPasteFix': {
    en: "paste what hongyan callback config {appid} shows into WeChat's console",
    zh: '把 hongyan callback config {appid} 显示的内容填到微信后台',
  },
  'doctor.callbackAlone': {
    en: '{url} answers; WeChat did not look at it',
    zh: '{url} 应答正常；微信未检测',
  },
  'doctor.callbackOk': {
    en: '{url} answers, and WeChat sees {seen}',
    zh: '{url} 应答正常，微信检测：{seen}',
  },
  'doctor.callbackLost': {
    en: '{url} answers; pings of WeChat are lost: {seen}',
    zh: '{url} 应答正常；微信 ping 有丢包：{seen}',
  },
  'doctor.callbackLostFix': {
    en: 'nothing, where the host answers no pings and events arrive; else open it to the addresses of getcallbackip',
    zh: '主机禁 ping 且能收到事件时无需处理；否则放行 getcallbackip 返回的 IP',
  },
} as const satisfies Record<string, Words>;
