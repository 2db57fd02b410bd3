/**
 * What each measure of `GET /metrics` means, as Prometheus shows it: in both languages at once, because a scrape is read by
 * everybody.
 */

/** Of the installation as a whole. Every node says the same of it. */
export const installationMeasures = {
  nodes: 'Processes that plan and deliver, seen in the last 15 s / 正在计划与推送的进程数（15 秒内有心跳）',
  accounts: 'Accounts by state / 各状态的账号数',
  campaigns: 'Campaigns that are not over, by account and state / 未结束的推送任务数',
  campaign_recipients_left:
    'Recipients of running and paused campaigns of whom nothing is known yet / 推送中与已暂停任务里尚无结果的人数',
  open_messages: 'Single messages without a final outcome / 尚无最终结果的单条消息数',
  open_message_oldest_seconds:
    'How long the oldest of them has waited since it may be sent / 其中最早一条自可发送起已等待的秒数',
  incidents:
    'What a person is needed for now, by kind; by account where it is of one / 当前需要人工处理的事件数，按类型与账号',
  quota_used: 'Attempts of today by account and API path / 当日各接口已用次数',
  quota_limit: 'How many are allowed a day, where that is known / 当日上限（已知时）',
  quota_parked: '1 while the quota of the API path is used up / 该接口当日配额已用完时为 1',
  token_seconds_left:
    'How long the stored access_token is still valid, below 0 when it is over / access_token 剩余有效秒数，过期为负',
  callback_requests_total:
    'Requests to the callback since midnight of the account, by what became of them / 当日（账号时区）收到的回调请求数，按处理结果',
  webhook_items: 'What webhooks are to be told and is in no POST yet / 待投递、尚未打包的 Webhook 条目数',
  webhook_deliveries:
    'POSTs to webhooks that wait (pending) or were given up (dead) / 等待中（pending）与已放弃（dead）的 Webhook 投递数',
  webhook_oldest_seconds: 'Age of the oldest POST that waits / 最早一个等待中投递的秒数',
  backup_age_seconds:
    'Since the newest whole daily backup was begun; nothing while there is none / 最近一次完整的每日备份距今秒数，没有则不出现',
  backup_failed: '1 when the newest attempt at the daily backup failed / 最近一次每日备份失败时为 1',
  database_bytes: 'Size of the database / 数据库大小（字节）',
  database_connections: 'Connections to the database server, of everybody / 数据库服务器当前连接数',
  database_connections_most: 'How many the server allows (max_connections) / 数据库服务器允许的连接数',
  database_oldest_transaction_seconds:
    'Age of the oldest open transaction of this database / 本库最早未结束事务的秒数',
} as const;

export type InstallationMeasure = keyof typeof installationMeasures;

/** Of one node: this process and its senders. */
export const nodeMeasures = {
  answers_total:
    'Answers to messages by account, channel and result: accepted, no-answer, not-sent, refused-… / 发送应答数，按账号、通道与结果',
  answer_seconds:
    'From a message’s request being written to the end of its answer / 单次发送从写出请求到收完应答的秒数',
  facts_stored_total:
    'Facts about attempts that are on disk, of campaigns and of single messages / 已落盘的发送事实数',
  commit_seconds: 'How long the database took to store a group of facts / 一组事实的落盘秒数',
  in_flight: 'Messages in flight / 在途消息数',
  database_answers: '1 while the database answers this node / 数据库对本节点有应答时为 1',
  window: 'Most messages in flight at this moment / 当前在途上限',
} as const;
