import { defineErrors } from '../catalogue.ts';

export const databaseErrors = defineErrors({
  DATABASE_UNREACHABLE: {
    about: { en: 'No connection, or it broke.', zh: '连不上数据库或连接中断。' },
    remedy: {
      en: 'Nothing was lost: start it and run the command again.',
      zh: '没有丢失数据：启动数据库后重新运行。',
    },
    status: 503,
    texts: {
      default: {
        en: 'the database cannot be reached ({code})',
        zh: '无法连接数据库（{code}）',
        do: {
          en: 'nothing was lost: start it and run the command again',
          zh: '没有丢失数据：启动数据库后重新运行即可',
        },
      },
      'while-sending': {
        en: 'the database went away while campaign {id} was being sent; nobody is forgotten or messaged twice',
        zh: '发送推送任务 {id} 期间数据库断开；不会漏发，也不会重发',
        do: {
          cli: {
            en: 'when it is back, run: hongyan campaigns resume {id}',
            zh: '数据库恢复后运行：hongyan campaigns resume {id}',
          },
        },
      },
      submit: {
        en: 'the database did not say whether the message was stored',
        zh: '数据库没有应答，不知道消息是否已入库',
        do: {
          en: 'submit it again with the same key: it is then sent once',
          zh: '请用同一个键重新提交，只会发送一次',
        },
      },
    },
  },
  DATABASE_CONNECTIONS_FEW: {
    about: {
      en: 'The server lets this user open fewer connections than the processes that were to be started need to work at all (8 each; they use up to 21).',
      zh: '服务器允许该用户打开的连接少于这些进程运行所需的最少数量（每个至少 8 个，最多使用 21 个）。',
    },
    remedy: {
      en: 'Set `max_connections` to the number in the message and restart PostgreSQL, raise the limit of the user or database, or start fewer `--senders`.',
      zh: '把 `max_connections` 调到提示的数值并重启 PostgreSQL，或提高该用户、数据库的连接上限，或减少 `--senders`。',
    },
    texts: {
      default: {
        en: 'the database gives this user {usable} connections (max_connections {maxConnections}, of which {reserved} are reserved), and {processes} processes that deliver need {fewest} at least and use up to {each} each',
        zh: '数据库只给该用户 {usable} 个连接（max_connections 为 {maxConnections}，其中保留 {reserved} 个），而 {processes} 个发送进程至少需要 {fewest} 个，每个最多用 {each} 个',
        do: {
          en: 'set max_connections to {need} and restart PostgreSQL, or start fewer',
          zh: '把 max_connections 调到 {need} 并重启 PostgreSQL，或少开几个进程',
        },
      },
    },
  },
  DATABASE_CONNECTIONS_USED_UP: {
    about: {
      en: 'All connections of the database were in use (53300), and none became free within 15 s.',
      zh: '数据库连接已全部占用（53300），15 秒内没有空出。',
    },
    remedy: {
      en: 'Raise `max_connections`, or end other processes that use it. What works already waits, however long it takes.',
      zh: '调大 `max_connections`，或结束其他占用连接的进程；正在运行的进程会一直等待。',
    },
    status: 503,
    texts: {
      default: {
        en: 'the database has no connection left for this process (53300), and none became free',
        zh: '数据库连接已用完（53300），一直没有空出来的',
        do: {
          en: 'raise its max_connections, or end other processes that use it, then run the command again',
          zh: '调大 max_connections，或结束其他占用连接的进程，然后重新运行',
        },
      },
    },
  },
  DATABASE_REFUSED: {
    about: { en: 'Wrong user, password or database name.', zh: '用户、密码或库名不对。' },
    remedy: { en: 'Check `HONGYAN_DATABASE_URL`.', zh: '检查 `HONGYAN_DATABASE_URL`。' },
    status: 503,
    texts: {
      default: {
        en: 'the database refused the connection ({code})',
        zh: '数据库拒绝连接（{code}）',
        do: {
          en: 'check user, password and database name in HONGYAN_DATABASE_URL',
          zh: '检查 HONGYAN_DATABASE_URL 中的用户名、密码和库名',
        },
      },
    },
  },
  DATABASE_NOT_ENCRYPTED: {
    about: {
      en: 'The database is on another machine, and its address does not say whether the connection is encrypted.',
      zh: '数据库在另一台机器上，而连接地址没有写明是否加密。',
    },
    remedy: {
      en: 'Add `sslmode=verify-full`, with `sslrootcert=FILE` for a CA of your own; or `sslmode=disable` where the network is yours alone.',
      zh: '加上 `sslmode=verify-full`（自建 CA 再加 `sslrootcert=文件`）；只有网络完全自用时才写 `sslmode=disable`。',
    },
    texts: {
      default: {
        en: 'the database on {host} would be reached over the network without encryption',
        zh: '将通过网络连接 {host} 上的数据库，但没有写明加密',
        do: {
          en: 'add ?sslmode=verify-full to its address (and sslrootcert=FILE for a CA of your own), or ?sslmode=disable where the network is yours alone',
          zh: '在地址后加 ?sslmode=verify-full（自建 CA 再加 sslrootcert=文件）；只有网络完全自用时才加 ?sslmode=disable',
        },
      },
    },
  },
  DATABASE_PASSWORD_UNSAFE: {
    about: {
      en: 'The server asks for the password in clear or as MD5, over a connection whose other end is not proved to be the database.',
      zh: '服务器要求以明文或 MD5 发送密码，而连接的另一端未经证实。',
    },
    remedy: {
      en: '`password_encryption = scram-sha-256` and a new password (`\\password`); or TLS with `sslmode=verify-full`.',
      zh: '设置 `password_encryption = scram-sha-256` 并重设密码（`\\password`），或使用 `sslmode=verify-full` 的 TLS。',
    },
    texts: {
      default: {
        en: 'the database on {host} asks for the password in a way that gives it away, and does not prove who it is',
        zh: '{host} 上的数据库要求的认证方式会泄露密码，又没有证明自己的身份',
        do: {
          en: 'let it use SCRAM (password_encryption = scram-sha-256, then set the password anew), or reach it by TLS with sslmode=verify-full',
          zh: '改用 SCRAM（设置 password_encryption = scram-sha-256 后重设密码），或用 sslmode=verify-full 的 TLS 连接',
        },
      },
    },
  },
  DISK_FULL: {
    about: {
      en: 'The disk of the database, or of another file that has to be written, is full: PostgreSQL refuses writes, has ended itself, or cannot start.',
      zh: '数据库（或其他需写入的文件）所在磁盘已满：PostgreSQL 拒绝写入、已自行停止或无法启动。',
    },
    remedy: {
      en: 'Free some space and run it again; it goes on where it stopped. What works already waits, and goes on by itself.',
      zh: '清理空间后重新运行，会从中断处继续；正在运行的进程会等待并自动继续。',
    },
    status: 503,
    texts: {
      database: {
        en: 'the disk of the database is full',
        zh: '数据库所在磁盘已满',
        do: {
          en: 'free some space and run the command again, it goes on where it stopped',
          zh: '清理空间后重新运行，会从中断处继续',
        },
      },
      file: {
        en: 'the disk is full: {path} cannot be written',
        zh: '磁盘已满，无法写入 {path}',
        do: { en: 'free some space and run the command again', zh: '清理空间后重新运行' },
      },
      somewhere: {
        en: 'the disk is full',
        zh: '磁盘已满',
        do: { en: 'free some space and run the command again', zh: '清理空间后重新运行' },
      },
      start: {
        en: 'the disk of {directory} is full: {free} MB free, the database needs {needed} MB to start',
        zh: '{directory} 所在磁盘已满：剩余 {free} MB，数据库启动需要 {needed} MB',
        do: { en: 'free some space, or choose another data directory', zh: '清理空间，或换一个数据目录' },
      },
      'while-sending': {
        en: 'the disk of the database is full while campaign {id} was being sent; nobody is forgotten or messaged twice',
        zh: '发送推送任务 {id} 期间数据库磁盘已满；不会漏发，也不会重发',
        do: {
          cli: {
            en: 'make room, then run: hongyan campaigns resume {id}',
            zh: '清理空间后运行：hongyan campaigns resume {id}',
          },
        },
      },
    },
  },
  MIGRATION_FAILED: {
    about: { en: 'A migration failed; nothing of it was applied.', zh: '迁移失败，未做任何改动。' },
    remedy: {
      en: "Read the cause; check the user's rights on the database.",
      zh: '查看原因，检查数据库权限。',
    },
    texts: {
      default: {
        en: 'migration {name} failed; nothing of it was applied',
        zh: '迁移 {name} 失败，未做任何改动',
        do: {
          en: "read the cause in the log, and check the user's rights on the database",
          zh: '查看日志中的原因，检查该用户的数据库权限',
        },
      },
    },
  },
  SCHEMA_TOO_NEW: {
    about: {
      en: 'A newer Hongyan upgraded this database in a way that this version does not know.',
      zh: '更新版本的鸿雁升级过该库。',
    },
    remedy: { en: 'Run that version or newer.', zh: '使用该版本或更新版本。' },
    texts: {
      default: {
        en: 'the database was upgraded by a newer Hongyan ({names})',
        zh: '数据库已被更新版本的鸿雁升级（{names}）',
        do: { en: 'run that version or newer here', zh: '请在此运行该版本或更新版本' },
      },
    },
  },
  SCHEMA_FOREIGN: {
    about: {
      en: 'The database was made by a development version of Hongyan from before 0.2.0, or by another program: its migrations are others.',
      zh: '该库由 0.2.0 之前的开发版鸿雁或其他程序建立，迁移记录不一致。',
    },
    remedy: {
      en: 'Begin with an empty data directory or database, or go on with the version that made it.',
      zh: '换用空的数据目录或数据库，或继续使用建立它的版本。',
    },
    texts: {
      default: {
        en: 'the database was not made by a release of Hongyan ({names})',
        zh: '数据库不是由鸿雁的正式版本建立的（{names}）',
        do: {
          en: 'begin with an empty one, or go on with the version that made this one',
          zh: '请换用空库，或继续使用建立该库的版本',
        },
      },
    },
  },
  SCHEMA_IN_USE: {
    about: {
      en: 'This version changes the database in a way that the older processes which use it at this moment do not know.',
      zh: '新版本要修改数据库结构，而仍在运行的旧版本进程不认识新结构。',
    },
    remedy: {
      en: 'Stop all nodes, then start the new version. One that was killed counts as alive for 15 seconds.',
      zh: '先停止所有节点，再启动新版本；被强制结束的节点 15 秒后才不算在线。',
    },
    texts: {
      default: {
        en: 'the database has to be changed ({name}) and is in use by an older Hongyan on {nodes}',
        zh: '需要修改数据库结构（{name}），但旧版本的鸿雁仍在使用：{nodes}',
        do: {
          en: 'stop these first; one that was killed is forgotten after 15 seconds',
          zh: '请先停止它们；被强制结束的进程 15 秒后失效',
        },
      },
    },
  },
  DATABASE_READ_ONLY: {
    about: {
      en: 'The server takes no writes: it is a standby, or was set to read only.',
      zh: '该服务器不接受写入：是备库，或被设为只读。',
    },
    remedy: {
      en: 'Let `HONGYAN_DATABASE_URL` lead to the primary.',
      zh: '让 `HONGYAN_DATABASE_URL` 指向主库。',
    },
    status: 503,
    texts: {
      default: {
        en: 'the database takes no writes: it is a standby, or was set to read only',
        zh: '数据库不接受写入：它是备库，或被设为只读',
        do: { en: 'let HONGYAN_DATABASE_URL lead to the primary', zh: '让 HONGYAN_DATABASE_URL 指向主库' },
      },
    },
  },
  DATABASE_FAILING_OVER: {
    about: {
      en: 'A standby has taken the place of the database, and the nodes are still looking whether it has forgotten something.',
      zh: '备库已接替主库，各节点正在确认有没有丢失数据。',
    },
    remedy: { en: 'Wait half a minute.', zh: '等半分钟再试。' },
    status: 503,
    texts: {
      default: {
        en: 'the database has failed over, and whether it has forgotten something is not known yet',
        zh: '数据库刚完成主备切换，还在确认有没有丢失数据',
        do: { en: 'try again in half a minute', zh: '请半分钟后再试' },
      },
    },
  },
  DATABASE_HOSTS: {
    about: {
      en: '`HONGYAN_DATABASE_URL` names several servers in a way that cannot be meant.',
      zh: '`HONGYAN_DATABASE_URL` 中多台服务器的写法有误。',
    },
    remedy: {
      en: 'Write them as `postgresql://USER:PASSWORD@A:5432,B:5432/NAME?target_session_attrs=read-write`.',
      zh: '写成 `postgresql://用户:密码@甲:5432,乙:5432/库名?target_session_attrs=read-write`。',
    },
    texts: {
      attributes: {
        en: 'target_session_attrs={wanted} in the address of the database cannot be used; known are {known}',
        zh: '数据库地址中的 target_session_attrs={wanted} 无法使用，可用的值：{known}',
        do: {
          en: 'use read-write: everything that Hongyan does needs a server that takes writes',
          zh: '请用 read-write：鸿雁的所有操作都需要可写的服务器',
        },
      },
      ports: {
        en: 'the address of the database names {hosts} hosts and {ports} ports',
        zh: '数据库地址中有 {hosts} 台主机、{ports} 个端口，数量对不上',
        do: { en: 'give one port for all, or one for each', zh: '请只写一个端口，或每台主机各写一个' },
      },
    },
  },
  DATABASE_POOLER: {
    about: {
      en: 'A connection pooler between Hongyan and the database gives each statement or transaction to another session. Hongyan needs sessions: for notifications, for locks, and to know through which it has looked for a restore.',
      zh: '鸿雁与数据库之间的连接池按语句或事务更换会话。鸿雁需要固定会话：用于通知、锁，以及检查数据库是否被恢复过。',
    },
    remedy: {
      en: 'Put the pooler into session mode (PgBouncer: `pool_mode = session`), or connect without it.',
      zh: '把连接池改为会话模式（PgBouncer：`pool_mode = session`），或直连数据库。',
    },
    status: 503,
    texts: {
      default: {
        en: 'a connection pooler in transaction mode lies between Hongyan and the database: two open connections were answered by one session',
        zh: '鸿雁与数据库之间有事务模式的连接池：两个打开的连接由同一个会话应答',
        do: {
          en: 'put it into session mode (PgBouncer: pool_mode = session), or let HONGYAN_DATABASE_URL lead to the database itself',
          zh: '把连接池改为会话模式（PgBouncer：pool_mode = session），或让 HONGYAN_DATABASE_URL 直连数据库',
        },
      },
    },
  },
  DATABASE_SESSION: {
    about: {
      en: 'The database answered through another session than the one that was checked for a restore: a connection pooler in transaction mode lies between.',
      zh: '应答来自另一个未经“是否被恢复过”检查的会话：中间有事务模式的连接池。',
    },
    remedy: {
      en: 'Put the pooler (PgBouncer and the like) into session mode.',
      zh: '把连接池（PgBouncer 等）改为会话模式。',
    },
    status: 503,
    texts: {
      default: {
        en: 'the database was reached through another session than the one that was checked for a restore',
        zh: '应答来自另一个会话，它没有经过“是否被恢复过”的检查',
        do: {
          en: 'a connection pooler (PgBouncer and the like) must be in session mode',
          zh: '连接池（PgBouncer 等）必须用会话模式',
        },
      },
    },
  },
  DATABASE_EXCHANGED: {
    about: {
      en: 'Where the database was there is another one: empty, or of another installation. Nothing is sent.',
      zh: '原来的数据库所在处换成了另一个：空库，或属于另一套安装。此时不发送任何消息。',
    },
    remedy: {
      en: 'Bring the right one back, or restart Hongyan if it is meant.',
      zh: '换回正确的数据库；若确需更换，请重启鸿雁。',
    },
    status: 503,
    texts: {
      default: {
        en: 'in the place of the database there is another one, which is not this installation',
        zh: '原来的数据库换成了另一个，不属于这套安装',
        do: {
          en: 'bring the right one back, or restart Hongyan if this is meant',
          zh: '换回正确的数据库；若确需更换，请重启鸿雁',
        },
      },
    },
  },
  DATABASE_DAMAGED: {
    about: { en: 'The installation row is missing.', zh: '安装记录丢失。' },
    remedy: { en: 'Restore a backup.', zh: '恢复备份。' },
    texts: {
      default: {
        en: 'the table installation is empty',
        zh: 'installation 表是空的',
        do: { en: 'restore a backup', zh: '请恢复备份' },
      },
    },
  },
});
