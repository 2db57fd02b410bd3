import { defineErrors } from '../catalogue.ts';

export const serverErrors = defineErrors({
  ADDRESS_IN_USE: {
    about: {
      en: '`hongyan serve` cannot listen: another process has the port, perhaps another `serve`.',
      zh: '端口已被占用，可能是另一个 `serve`。',
    },
    remedy: {
      en: 'Set `HONGYAN_LISTEN` to another `HOST:PORT`, or to `off` for a node that only delivers.',
      zh: '换一个 `HONGYAN_LISTEN`，或设为 `off` 只推送不监听。',
    },
    texts: {
      default: {
        en: '{address} is taken, perhaps by another "hongyan serve"',
        zh: '{address} 已被占用，可能是另一个 hongyan serve',
        do: {
          en: 'set HONGYAN_LISTEN to another address, or to off to deliver without listening',
          zh: '换一个 HONGYAN_LISTEN，或设为 off，只推送不监听',
        },
      },
      demo: {
        en: '{address} is taken, perhaps by another demo or "hongyan serve"',
        zh: '{address} 已被占用，可能是另一个演示或 hongyan serve',
        do: {
          en: 'end that one, or set HONGYAN_LISTEN to another address',
          zh: '先结束它，或换一个 HONGYAN_LISTEN',
        },
      },
      phone: {
        en: '{address} is taken, perhaps by another demo or "hongyan simulate"',
        zh: '{address} 已被占用，可能是另一个演示或 hongyan simulate',
        do: { en: 'end that one, or use --phone-port', zh: '先结束它，或用 --phone-port 换一个端口' },
      },
    },
  },
  LISTEN_FAILED: {
    about: {
      en: 'The address is none of this machine, or the port needs more rights.',
      zh: '地址不属于本机，或端口需要更高权限。',
    },
    remedy: {
      en: 'Check `HONGYAN_LISTEN`; ports under 1024 are usually left to a reverse proxy.',
      zh: '检查 `HONGYAN_LISTEN`；1024 以下的端口通常交给反向代理。',
    },
    texts: {
      default: {
        en: 'cannot listen on {address} ({reason})',
        zh: '无法监听 {address}（{reason}）',
        do: {
          en: 'set HONGYAN_LISTEN to an address of this machine and a port that this user may open',
          zh: '把 HONGYAN_LISTEN 设为本机地址，端口须当前用户有权打开',
        },
      },
    },
  },
  TLS_UNUSABLE: {
    about: {
      en: "The files of `tlsCert` and `tlsKey` cannot be used: missing, readable for everybody, not PEM, or not each other's.",
      zh: '`tlsCert` 与 `tlsKey` 指定的文件不可用：不存在、所有人可读、不是 PEM，或互不匹配。',
    },
    remedy: {
      en: 'The message names the file. A renewed certificate that cannot be used is only logged, and the one before is kept.',
      zh: '按提示处理。更新后的证书不可用时只记日志，继续使用原证书。',
    },
    texts: {
      pair: {
        en: 'a certificate needs its key, and a key its certificate',
        zh: '证书和私钥要同时设置',
        do: {
          en: 'set both HONGYAN_TLS_CERT and HONGYAN_TLS_KEY',
          zh: '请同时设置 HONGYAN_TLS_CERT 和 HONGYAN_TLS_KEY',
        },
      },
      unreadable: { en: 'cannot read {path} ({problem})', zh: '无法读取 {path}（{problem}）' },
      exposed: {
        en: 'everybody can read the key {path} (mode {mode})',
        zh: '私钥 {path} 所有人可读（权限 {mode}）',
        do: { en: 'run: chmod 600 {path}', zh: '请执行：chmod 600 {path}' },
      },
      mismatch: {
        en: '{certificate} and {key} are not a certificate and its key, as PEM',
        zh: '{certificate} 与 {key} 不是匹配的 PEM 证书和私钥',
      },
    },
  },
  API_TOKEN_TOO_SHORT: {
    about: {
      en: 'An API token under 32 characters: it could be guessed, and an empty one would let everybody in. Or one that no header carries.',
      zh: 'API token 不足 32 个字符，可能被猜出；空的则人人可用。也可能含请求头无法携带的字符。',
    },
    remedy: {
      en: 'Set `HONGYAN_API_TOKEN` to the output of `openssl rand -base64 32`, or remove it: `api.token` is made.',
      zh: '设置更长的 token，或删去该项以自动生成 `api.token`。',
    },
    texts: {
      short: {
        en: 'the API token has {length} characters and needs {least}',
        zh: 'API token 只有 {length} 个字符，至少需要 {least} 个',
        do: {
          en: 'set HONGYAN_API_TOKEN to the output of: openssl rand -base64 32; or remove it, and the file api.token if it is that one: a new one is made',
          zh: '把 HONGYAN_API_TOKEN 设为 openssl rand -base64 32 的输出；或删去它（若来自 api.token，则删除该文件），将自动生成',
        },
      },
      form: {
        en: 'the API token has characters that no header carries: ASCII without spaces',
        zh: 'API token 含请求头无法携带的字符：只能用不含空格的 ASCII 字符',
        do: {
          en: 'set HONGYAN_API_TOKEN to the output of: openssl rand -base64 32; or remove it, and the file api.token if it is that one: a new one is made',
          zh: '把 HONGYAN_API_TOKEN 设为 openssl rand -base64 32 的输出；或删去它（若来自 api.token，则删除该文件），将自动生成',
        },
      },
    },
  },
  LISTEN_UNGUARDED: {
    about: {
      en: 'The address can be reached from other machines, and nobody has set a password, made a key or given an admin key. The `api.token` that a start makes by itself does not count.',
      zh: '监听地址可从其他机器访问，但还没有人设置密码、创建密钥或指定管理员密钥。自动生成的 `api.token` 不算。',
    },
    remedy: {
      en: 'Set `HONGYAN_API_TOKEN` to the output of `openssl rand -base64 32`, or make a key with `hongyan keys create`, or start once on 127.0.0.1 and set the password with the link.',
      zh: '把 `HONGYAN_API_TOKEN` 设为 `openssl rand -base64 32` 的输出；或用 `hongyan keys create` 创建密钥；或先监听 127.0.0.1，用链接设置密码。',
    },
    texts: {
      default: {
        en: '{address} can be reached from other machines, and nobody has set a password or a key yet',
        zh: '{address} 可从其他机器访问，但还没有设置密码或密钥',
        do: {
          cli: {
            en: 'make a key with hongyan keys create, or set HONGYAN_API_TOKEN to the output of: openssl rand -base64 32; or start once with HONGYAN_LISTEN=127.0.0.1:8790 and set the password with the link that is printed',
            zh: '请用 hongyan keys create 创建密钥，或把 HONGYAN_API_TOKEN 设为 openssl rand -base64 32 的输出；也可先以 HONGYAN_LISTEN=127.0.0.1:8790 启动，用显示的链接设置密码',
          },
        },
      },
    },
  },
  UNAUTHORIZED: {
    about: {
      en: 'No `Authorization: Bearer …` and no session, or not a valid one. HTTP 401.',
      zh: '没有携带密钥或登录会话，或已失效。HTTP 401。',
    },
    remedy: {
      en: 'Make a key with `hongyan keys create`. The admin key is `HONGYAN_API_TOKEN`, or the file `api.token` in the data directory.',
      zh: '用 `hongyan keys create` 创建密钥。管理员密钥是 `HONGYAN_API_TOKEN`，或数据目录下的 `api.token`。',
    },
    status: 401,
    texts: {
      missing: {
        en: 'the request does not say who is asking',
        zh: '请求没有携带身份',
        do: {
          en: 'send an API key as "Authorization: Bearer KEY"; hongyan keys create makes one, and the file api.token in the data directory holds the admin key',
          zh: '以 "Authorization: Bearer 密钥" 携带 API 密钥；用 hongyan keys create 创建，管理员密钥在数据目录的 api.token 中',
        },
      },
      session: {
        en: 'the session is over',
        zh: '登录已失效',
        do: { en: 'sign in again', zh: '请重新登录' },
      },
      wrong: {
        en: 'the key is not known, has expired or was revoked',
        zh: '密钥不存在、已过期或已吊销',
        do: {
          en: 'check that it was copied whole, and see hongyan keys list',
          zh: '检查是否完整复制，并查看 hongyan keys list',
        },
      },
    },
  },
  FORBIDDEN: {
    about: {
      en: 'Who asks may not do this, or not for this account; it is a line of the audit. HTTP 403.',
      zh: '没有此项权限，或无权操作该账号；已记入审计。',
    },
    remedy: {
      en: 'Ask an administrator for the permission that is named.',
      zh: '请管理员授予所提示的权限。',
    },
    status: 403,
    texts: {
      default: {
        en: '{actor} has no permission {permission} here',
        zh: '{actor} 没有权限 {permission}',
        do: { en: 'an administrator can give it', zh: '请管理员授予' },
      },
    },
  },
  ROUTE_NOT_FOUND: {
    about: { en: 'There is no such path or method. HTTP 404.', zh: '没有该路径或方法。' },
    remedy: { en: 'Check path and method.', zh: '检查路径与方法。' },
    status: 404,
    texts: {
      default: {
        en: 'there is no {method} of this path',
        zh: '没有该路径或方法（{method}）',
        do: { en: '/docs lists what there is', zh: '所有接口见 /docs' },
      },
    },
  },
  METHOD_NOT_ALLOWED: {
    about: {
      en: 'The path is there and takes no such method. HTTP 405.',
      zh: '该路径不支持此方法。HTTP 405。',
    },
    remedy: {
      en: 'Check the method; `Allow` names those that there are.',
      zh: '检查方法；可用的见响应头 `Allow`。',
    },
    status: 405,
    texts: {
      default: {
        en: 'this path takes no {method}',
        zh: '该路径不支持 {method}',
        do: { en: 'it takes {allowed}', zh: '可用 {allowed}' },
      },
    },
  },
  RATE_LIMITED: {
    about: {
      en: 'More requests than the key, the person or the address may send now. HTTP 429 with `Retry-After`.',
      zh: '请求过于频繁，超过该密钥、用户或地址的上限。HTTP 429，附 `Retry-After`。',
    },
    remedy: {
      en: 'Wait as long as `Retry-After` says; `hongyan keys create --rate` sets the rate of a key.',
      zh: '按 `Retry-After` 等待；密钥的速率由 `hongyan keys create --rate` 设定。',
    },
    status: 429,
    texts: {
      default: {
        en: 'too many requests',
        zh: '请求过于频繁',
        do: { en: 'send it again in {seconds} s', zh: '{seconds} 秒后再试' },
      },
    },
  },
  NOT_READY: {
    about: {
      en: '`/readyz`: this process cannot do its work at this moment; `reason` says why. HTTP 503.',
      zh: '`/readyz`：本进程此刻无法正常工作，原因见 `reason`。HTTP 503。',
    },
    remedy: {
      en: 'It goes on by itself once the cause is gone; do not restart it for that. Only `schema` asks for something: update this process.',
      zh: '原因消除后自动恢复，无需重启。只有 `schema` 需要处理：更新本进程。',
    },
    status: 503,
    texts: {
      database: {
        en: 'the database does not answer',
        zh: '数据库没有响应',
        do: { en: 'nothing is lost: it is waited for', zh: '没有丢失数据：正在等待恢复' },
      },
      schema: {
        en: 'the database has another schema than this version works with',
        zh: '数据库结构与本版本不符',
        do: { en: 'start the version that the other processes run', zh: '请启动与其他进程相同的版本' },
      },
      lease: {
        en: 'this process has no lease in the database, and sends nothing without one',
        zh: '本进程在数据库中没有有效的租约，无法推送',
        do: { en: 'it takes one again as soon as it can', zh: '可用时会自动重新获取' },
      },
      stopping: {
        en: 'this process is ending',
        zh: '本进程正在停止',
        do: { en: 'ask another one', zh: '请访问其他节点' },
      },
    },
  },
  REQUEST_INVALID: {
    about: {
      en: 'The request does not fit the contract; `fields` names each place. HTTP 400.',
      zh: '请求不符合约定，`fields` 指出每一处。HTTP 400。',
    },
    remedy: { en: 'Correct it.', zh: '按提示修改。' },
    texts: {
      fields: { en: 'the request is not valid: {problems}', zh: '请求不符合要求：{problems}' },
      empty: { en: 'the body is empty', zh: '请求体为空', do: { en: 'send JSON', zh: '请发送 JSON' } },
      encoding: {
        en: 'the body is not UTF-8',
        zh: '请求体不是 UTF-8 编码',
        do: { en: 'encode it as UTF-8, without compression', zh: '请以 UTF-8 编码发送，不要压缩' },
      },
      json: {
        en: 'the body is not JSON: line {line}, column {column}',
        zh: '请求体不是 JSON：第 {line} 行第 {column} 列',
      },
      cut: {
        en: 'the body ends in the middle, at line {line}, column {column}',
        zh: '请求体不完整，在第 {line} 行第 {column} 列中断',
      },
      unstorable: { en: 'a value of the request cannot be stored', zh: '请求中有无法存储的值' },
      wire: {
        en: 'what came is not HTTP as this server reads it ({code})',
        zh: '收到的不是可以识别的 HTTP 请求（{code}）',
        do: {
          en: 'send HTTP/1.1 without TLS, unless the server has a certificate; one length for a body, and heads of at most 16 KB',
          zh: '请发送 HTTP/1.1，服务端没有证书时不要用 https；请求体只声明一种长度，请求头不超过 16 KB',
        },
      },
      late: {
        en: 'the request did not come whole in time',
        zh: '请求未在时限内收完',
        do: { en: 'send it again, faster', zh: '请重新发送' },
      },
      http: { en: 'the request cannot be read: {reason}', zh: '无法读取请求：{reason}' },
    },
  },
  BODY_TYPE_UNSUPPORTED: {
    about: {
      en: 'The body is of a type that the route does not read. HTTP 415.',
      zh: '该接口不接受此类型的请求体。HTTP 415。',
    },
    remedy: {
      en: 'Send the body with the `Content-Type` that is named.',
      zh: '按提示的 `Content-Type` 发送。',
    },
    status: 415,
    texts: {
      default: {
        en: 'a body of the type {type} is not read here',
        zh: '不接受 {type} 类型的请求体',
        do: {
          en: 'send it as {types}, with that Content-Type',
          zh: '请以 {types} 发送，并设置相应的 Content-Type',
        },
      },
    },
  },
  BODY_TOO_LARGE: {
    about: {
      en: 'The body is larger than the route takes (1 MB unless it says otherwise). HTTP 413.',
      zh: '请求体超过上限（默认 1 MB）。HTTP 413。',
    },
    remedy: { en: 'Send it in parts.', zh: '分批发送。' },
    status: 413,
    texts: {
      default: {
        en: 'the body is larger than the {bytes} bytes that this route takes',
        zh: '请求体超过该接口的上限（{bytes} 字节）',
        do: { en: 'send it in parts', zh: '请分批发送' },
      },
    },
  },
  INTERNAL: {
    about: { en: 'A defect; the log of the server has it. HTTP 500.', zh: '程序缺陷，详见服务端日志。' },
    remedy: { en: 'Please report it with that log line.', zh: '请附上该行日志反馈。' },
    status: 500,
    texts: {
      default: {
        en: 'an unexpected error; the log of the server has it',
        zh: '意外错误，详见服务端日志',
        do: { en: 'report it with the log line of this requestId', zh: '请附上该 requestId 的日志反馈' },
      },
    },
  },
});
