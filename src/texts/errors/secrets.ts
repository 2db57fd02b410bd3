import { defineErrors } from '../catalogue.ts';

export const secretsErrors = defineErrors({
  SECRET_KEY_INVALID: {
    about: { en: 'The key is not 32 bytes as base64 or hex.', zh: '密钥不是 32 字节的 base64 或十六进制。' },
    remedy: { en: '`openssl rand -base64 32`.', zh: '用 `openssl rand -base64 32` 生成。' },
    texts: {
      length: {
        en: 'the secret key has {bytes} bytes as base64 or hex, and needs 32',
        zh: '密钥解码后为 {bytes} 字节，应为 32 字节的 base64 或十六进制',
        do: { en: 'make one with: openssl rand -base64 32', zh: '生成方法：openssl rand -base64 32' },
      },
    },
  },
  SECRET_KEY_EXPOSED: {
    about: { en: 'Others can read `secret.key`.', zh: '`secret.key` 可被他人读取。' },
    remedy: { en: '`chmod 600` it.', zh: '执行 `chmod 600`。' },
    texts: {
      mode: {
        en: 'others can read {path} (mode {mode})',
        zh: '{path} 可被他人读取（权限 {mode}）',
        do: { en: 'run: chmod 600 {path}', zh: '请执行：chmod 600 {path}' },
      },
    },
  },
  SECRET_KEY_MISMATCH: {
    about: { en: 'The database was set up with another key.', zh: '数据库使用的是另一把密钥。' },
    remedy: {
      en: 'Set `HONGYAN_SECRET_KEY` to that one, or use the data directory it belongs to.',
      zh: '设置正确的密钥，或使用对应的数据目录。',
    },
    texts: {
      default: {
        en: 'this database was set up with the secret key {expected}, and this process has {actual}',
        zh: '该数据库使用的是密钥 {expected}，而本进程的是 {actual}',
        do: {
          en: 'set HONGYAN_SECRET_KEY to the right one, or use the data directory whose secret.key belongs to this database',
          zh: '把 HONGYAN_SECRET_KEY 设为正确的密钥，或使用与该数据库配套的数据目录（secret.key）',
        },
      },
      next: {
        en: 'the secret key {expected} takes the place of the one of this database, others use it already, and this process has only {actual}',
        zh: '该数据库正在换用密钥 {expected}，其他节点已在使用，而本进程只有 {actual}',
        do: {
          en: 'give it both: the new one as HONGYAN_SECRET_KEY, the old one as HONGYAN_SECRET_KEY_PREVIOUS',
          zh: '请同时提供两把密钥：HONGYAN_SECRET_KEY 为新密钥，HONGYAN_SECRET_KEY_PREVIOUS 为旧密钥',
        },
      },
      order: {
        en: 'this process would encrypt with the secret key {actual}, and the one of this database is {expected}',
        zh: '本进程会用密钥 {actual} 加密，而该数据库使用的是 {expected}',
        do: {
          en: 'exchange HONGYAN_SECRET_KEY and HONGYAN_SECRET_KEY_PREVIOUS, or finish the change that is under way with `hongyan rekey` first',
          zh: '请把 HONGYAN_SECRET_KEY 与 HONGYAN_SECRET_KEY_PREVIOUS 对调；如果正在更换密钥，请先用 `hongyan rekey` 完成',
        },
      },
      changed: {
        en: 'another secret key was brought in while this process started',
        zh: '本进程启动期间，数据库换用了另一把密钥',
        do: { en: 'start it again with both keys', zh: '请提供两把密钥后重新启动' },
      },
      replaced: {
        en: 'the secret key was replaced after this process had started, so nothing is stored that it has encrypted with the old one',
        zh: '本进程启动后密钥已更换，它用旧密钥加密的内容不会写入数据库',
        do: { en: 'start it again with the new key', zh: '请使用新密钥重新启动' },
      },
      none: {
        en: 'this database was set up with the secret key {expected}, and there is no {path}; none is made for a database that has one',
        zh: '该数据库使用的是密钥 {expected}，但找不到 {path}；数据库已有密钥，不会另外生成',
        do: {
          en: 'copy the secret.key that belongs to this database to that place, or set HONGYAN_SECRET_KEY',
          zh: '请把与该数据库配套的 secret.key 复制到该位置，或设置 HONGYAN_SECRET_KEY',
        },
      },
    },
  },
  REKEY_IN_USE: {
    about: {
      en: 'The secret key is not replaced while anything uses it: it would go on encrypting with the old one.',
      zh: '有进程正在使用密钥，不能更换：否则它会继续用旧密钥加密。',
    },
    remedy: {
      en: 'Stop `serve`, `worker` and other commands on every machine, then run `hongyan rekey` again.',
      zh: '在每台机器上停止 `serve`、`worker` 及其他命令，再执行 `hongyan rekey`。',
    },
    status: 409,
    texts: {
      nodes: {
        en: 'these still use the secret key: {nodes}; nothing was changed',
        zh: '密钥仍在使用：{nodes}；未做任何改动',
        do: {
          en: 'stop them, then try again; one that was killed on another machine counts for 15 s',
          zh: '停止后再试；在其他机器上被强制结束的节点，15 秒后才不再计入',
        },
      },
      sessions: {
        en: 'other commands of Hongyan have this database open (database sessions {pids}); nothing was changed',
        zh: '还有其他鸿雁命令在使用该数据库（数据库会话 {pids}）；未做任何改动',
        do: { en: 'end them, then try again', zh: '结束后再试' },
      },
      behind: {
        en: 'these have not got the new secret key {key} yet: {nodes}; they could not read what is encrypted with it',
        zh: '以下节点还没有新密钥 {key}：{nodes}；它们将无法读取用它加密的内容',
        do: {
          en: 'start them again with the old key as HONGYAN_SECRET_KEY and the new one as HONGYAN_SECRET_KEY_PREVIOUS, and then this one',
          zh: '先让它们以旧密钥为 HONGYAN_SECRET_KEY、新密钥为 HONGYAN_SECRET_KEY_PREVIOUS 重新启动，再启动本进程',
        },
      },
      sealing: {
        en: 'these do not encrypt with the new secret key {key} yet: {nodes}',
        zh: '以下节点还没有改用新密钥 {key} 加密：{nodes}',
        do: {
          en: 'start them again with the new key as HONGYAN_SECRET_KEY and the old one as HONGYAN_SECRET_KEY_PREVIOUS',
          zh: '让它们以新密钥为 HONGYAN_SECRET_KEY、旧密钥为 HONGYAN_SECRET_KEY_PREVIOUS 重新启动',
        },
      },
      locked: {
        en: 'something else holds the row of the installation in the database; nothing was changed',
        zh: '数据库中的安装信息被其他会话占用；未做任何改动',
        do: { en: 'end what uses the database, then try again', zh: '停止使用该数据库的程序后再试' },
      },
    },
  },
  REKEY_SAME_KEY: {
    about: { en: 'The new secret key is the old one.', zh: '新密钥与旧密钥相同。' },
    remedy: { en: 'Give another file.', zh: '换一个密钥文件。' },
    texts: {
      default: {
        en: 'the new secret key is the one that holds already ({key})',
        zh: '新密钥与当前密钥相同（{key}）',
      },
    },
  },
  REKEY_FILE: {
    about: {
      en: 'The new secret key has no file: none is given where the old one is in `HONGYAN_SECRET_KEY`, or it cannot be written.',
      zh: '新密钥没有可用的文件：密钥在 `HONGYAN_SECRET_KEY` 中却未指定文件，或文件无法写入。',
    },
    remedy: {
      en: 'Give `--new-key-file` a path that you may write.',
      zh: '用 `--new-key-file` 指定可写的路径。',
    },
    texts: {
      needed: {
        en: 'the secret key is in HONGYAN_SECRET_KEY, so the new one needs a file to be taken from; it is never printed',
        zh: '密钥在 HONGYAN_SECRET_KEY 中，新密钥须存放在文件里；不会显示在屏幕上',
        do: { cli: { en: 'add --new-key-file FILE', zh: '请加 --new-key-file 文件' } },
      },
      both: {
        en: 'HONGYAN_SECRET_KEY_PREVIOUS says that a new key is in use already, and another new one is given',
        zh: '已设置 HONGYAN_SECRET_KEY_PREVIOUS，说明正在换用新密钥，不能再指定另一把',
        do: {
          cli: {
            en: 'run `hongyan rekey` without --new-key-file to finish the change',
            zh: '请直接执行 `hongyan rekey` 完成更换，不加 --new-key-file',
          },
        },
      },
      write: {
        en: 'the new secret key cannot be written to {path} ({problem})',
        zh: '无法把新密钥写入 {path}（{problem}）',
      },
    },
  },
  SECRET_UNREADABLE: {
    about: {
      en: 'A stored secret cannot be decrypted: another key, or bytes that were changed. Or somebody changed in the database where it goes: the AppSecret is bound to the address, the proxy, the token source and the kind that it was given for.',
      zh: '已存的密钥无法解密：密钥不对，或内容被改动。也可能有人在数据库里改了它的去向：AppSecret 与填写时的接口地址、代理、token 来源和账号类型绑定。',
    },
    remedy: {
      en: 'Find out who changed it, then give the secret again: `hongyan accounts add`.',
      zh: '查明改动的人，再用 `hongyan accounts add` 重新填写密钥。',
    },
    status: 500,
    texts: {
      default: {
        en: 'cannot decrypt {place}: it was sealed with another key or changed',
        zh: '无法解密 {place}：加密用的是另一把密钥，或内容被改动过',
      },
      account: {
        en: 'the secret of {appid} was given for another address, proxy, token source or kind than the database holds now, or by an older version; it is sent nowhere',
        zh: '{appid} 的密钥是为另一个接口地址、代理、token 来源或账号类型填写的（数据库里的已被改动），或由旧版本保存；没有发往任何地方',
        do: {
          cli: {
            en: 'look who changed it, then give the secret again: hongyan accounts add',
            zh: '查明是谁改动的，再重新填写密钥：hongyan accounts add',
          },
          http: {
            en: 'look who changed it, then give the secret again',
            zh: '查明是谁改动的，再重新填写密钥',
          },
          console: {
            en: 'look who changed it, then give the secret again',
            zh: '查明是谁改动的，再重新填写密钥',
          },
          code: {
            en: 'look who changed it, then give the secret again',
            zh: '查明是谁改动的，再重新填写密钥',
          },
        },
      },
    },
  },
});
