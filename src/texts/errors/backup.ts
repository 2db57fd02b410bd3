import { defineErrors } from '../catalogue.ts';

export const backupErrors = defineErrors({
  BACKUP_FILE: {
    about: {
      en: 'A backup cannot be written to this file, or the file is no whole backup. Nothing was restored from it.',
      zh: '无法写入该备份文件，或该文件不是完整的备份；未从中恢复任何数据。',
    },
    remedy: { en: 'As the message says.', zh: '按提示处理。' },
    texts: {
      exists: {
        en: 'there is a file {path} already; a backup overwrites nothing',
        zh: '文件 {path} 已存在；备份不会覆盖任何文件',
        do: { en: 'name another file', zh: '请换一个文件名' },
      },
      partial: {
        en: '{path} is there: a backup that was broken off, or one that is being written now',
        zh: '{path} 已存在：上次备份被中断，或正在写入',
        do: { en: 'if no backup runs, remove it and try again', zh: '确认没有备份在进行后，删除它再试' },
      },
      write: {
        en: 'the backup cannot be written to {path} ({problem})',
        zh: '无法写入备份文件 {path}（{problem}）',
        do: { en: 'look at the directory, its rights and its room', zh: '请检查目录、权限与剩余空间' },
      },
      read: {
        en: 'the backup {path} cannot be read ({problem})',
        zh: '无法读取备份文件 {path}（{problem}）',
        do: { en: 'look at the path and its rights', zh: '请检查路径与权限' },
      },
      none: {
        en: '{path} is no backup of Hongyan, or is not whole',
        zh: '{path} 不是鸿雁的备份文件，或不完整',
        do: { en: 'name a file that `hongyan backup` wrote', zh: '请使用 `hongyan backup` 写出的文件' },
      },
      newer: {
        en: 'the backup was made by a newer Hongyan ({version})',
        zh: '该备份由更新版本的鸿雁（{version}）生成',
        do: { en: 'restore it with that version or a newer one', zh: '请用该版本或更新的版本恢复' },
      },
      damaged: {
        en: 'the backup is damaged at {place}; nothing was restored',
        zh: '备份文件在 {place} 处损坏；未恢复任何数据',
        do: { en: 'copy the file anew, or take another backup', zh: '请重新复制该文件，或换一个备份' },
      },
    },
  },
  BACKUP_PLACE: {
    about: { en: 'A backup is restored into an empty place only.', zh: '备份只能恢复到空的数据库。' },
    remedy: {
      en: 'Use an empty data directory (`--data-dir`) or an empty database.',
      zh: '使用空的数据目录（`--data-dir`）或空的数据库。',
    },
    status: 409,
    texts: {
      taken: {
        en: 'this database is in use already; a backup is restored into an empty one',
        zh: '该数据库已有数据；备份只能恢复到空的数据库',
        do: {
          en: 'use another --data-dir, or another HONGYAN_DATABASE_URL',
          zh: '请换一个 --data-dir 或 HONGYAN_DATABASE_URL',
        },
      },
      broken: {
        en: 'another restore into this database was broken off, or runs now',
        zh: '该数据库上一次恢复被中断，或正在恢复',
        do: {
          en: 'if none runs, remove the data directory (or drop the schema hongyan) and restore again',
          zh: '确认没有恢复在进行后，删除该数据目录（或 hongyan 模式），再恢复一次',
        },
      },
    },
  },
  BACKUP_KEY: {
    about: {
      en: 'What is secret in the backup cannot be read without the secret key that it was made with.',
      zh: '没有备份时所用的密钥，就无法读取其中的加密内容。',
    },
    remedy: {
      en: 'Put that `secret.key` into the data directory, or set `HONGYAN_SECRET_KEY`.',
      zh: '把当时的 `secret.key` 放进数据目录，或设置 `HONGYAN_SECRET_KEY`。',
    },
    texts: {
      needed: {
        en: 'the backup needs the secret key {keyId}, and neither it nor the data directory has one',
        zh: '该备份需要密钥 {keyId}，备份与数据目录中都没有',
        do: {
          en: 'copy the secret.key of the old installation into the data directory, or set HONGYAN_SECRET_KEY',
          zh: '请把原安装的 secret.key 复制到数据目录，或设置 HONGYAN_SECRET_KEY',
        },
      },
      other: {
        en: 'the backup needs the secret key {expected}, and this is {actual}',
        zh: '该备份需要密钥 {expected}，而现在的是 {actual}',
        do: {
          en: 'copy the secret.key of the old installation into the data directory, or set HONGYAN_SECRET_KEY',
          zh: '请把原安装的 secret.key 复制到数据目录，或设置 HONGYAN_SECRET_KEY',
        },
      },
      both: {
        en: 'the backup was made while its secret key was being replaced, and needs {expected} too; here is only {actual}',
        zh: '该备份是在更换密钥期间做的，还需要密钥 {expected}；这里只有 {actual}',
        do: {
          en: 'set HONGYAN_SECRET_KEY to the new key and HONGYAN_SECRET_KEY_PREVIOUS to the old one',
          zh: '请把 HONGYAN_SECRET_KEY 设为新密钥，HONGYAN_SECRET_KEY_PREVIOUS 设为旧密钥',
        },
      },
    },
  },
});
