import { defineErrors } from '../catalogue.ts';

export const messagesErrors = defineErrors({
  MESSAGE_NOT_FOUND: {
    about: { en: 'No single message of this number. HTTP 404.', zh: '没有这个编号的单条消息。' },
    remedy: { en: '`hongyan messages list`.', zh: '`hongyan messages list`。' },
    texts: {
      default: {
        en: 'there is no message {id}',
        zh: '没有编号为 {id} 的单条消息',
        do: { cli: { en: 'see: hongyan messages list', zh: '查看全部：hongyan messages list' } },
      },
    },
  },
  MESSAGE_IN_DOUBT: {
    about: {
      en: 'The database was restored or failed over while the message was being stored. It has no trace of it, but may have stored it before, and another node may have sent it. HTTP 409.',
      zh: '写入消息时数据库发生了恢复或主备切换：库中已没有这条消息，但此前可能已入库并由其他节点发出。HTTP 409。',
    },
    remedy: {
      en: 'Find out whether the person has it before you send it again; after a restore the same key protects only on `oa-template`, and for 10 minutes.',
      zh: '先核实对方是否收到，再决定是否重发。恢复之后，同一个键只在 `oa-template` 上、10 分钟内能防重。',
    },
    status: 409,
    texts: {
      default: {
        en: 'the database was restored or failed over while the message was being stored; it may have been sent, and the database has forgotten it',
        zh: '写入消息时数据库发生了恢复或主备切换：消息可能已经发出，而库中没有记录',
        do: {
          en: 'find out whether the person has it before you send it again',
          zh: '请先核实对方是否收到，再决定是否重发',
        },
      },
    },
  },
});
