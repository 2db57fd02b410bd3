import { defineErrors } from '../catalogue.ts';

export const secretsErrors = defineErrors({
  SECRET_KEY_INVALID: {
    about: { en: 'The key is not 32 bytes as base64 or hex.', zh: '密钥不是 32 字节的 base64 或十六进制。' },
    remedy: { en: '`openssl rand -base64 32`.', zh: '`openssl rand -base64 32`.' },
    texts: {},
  },
  SECRET_KEY_EXPOSED: {
    about: { en: 'Others can read `secret.key`.', zh: '`secret.key` 可被他人读取。' },
    remedy: { en: '`chmod 600` it.', zh: '`chmod 600` it.' },
    texts: {},
  },
  SECRET_KEY_MISMATCH: {
    about: { en: 'The database was set up with another key.', zh: '数据库使用的是另一把密钥。' },
    remedy: {
      en: 'Set `HONGYAN_SECRET_KEY` to that one, or use the data directory it belongs to.',
      zh: '设置正确的密钥，或使用对应的数据目录。',
    },
    texts: {},
  },
  SECRET_UNREADABLE: {
    about: { en: 'A stored secret cannot be decrypted: other key, or changed.', zh: '已存的密钥无法解密。' },
    remedy: { en: 'Add the account again.', zh: '重新添加账号。' },
    texts: {},
  },
});
