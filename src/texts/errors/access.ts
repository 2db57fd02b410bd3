import { defineErrors } from '../catalogue.ts';

export const accessErrors = defineErrors({
  API_KEY_NOT_FOUND: {
    about: { en: 'There is no API key with this id.', zh: '没有该 API 密钥。' },
    remedy: { en: '`hongyan keys list`.', zh: '`hongyan keys list`.' },
    texts: {
      default: {
        en: 'there is no API key {id}',
        zh: '没有 API 密钥 {id}',
        do: { cli: { en: 'hongyan keys list shows them', zh: '用 hongyan keys list 查看' } },
      },
    },
  },
  API_KEY_EXPIRY_PAST: {
    about: { en: 'A key was to end at a time that has passed.', zh: '密钥的到期时间已过。' },
    remedy: { en: 'Give a later time, or none.', zh: '给出将来的时间，或不设到期。' },
    texts: {
      default: { en: 'the key would end at {time}, which has passed', zh: '到期时间 {time} 已经过去' },
    },
  },
});
