import { z } from 'zod';
import { defineRoutes, reads } from '../route.ts';
import { time } from '../shapes.ts';

export const nodesRoutes = defineRoutes({
  'GET /v1/nodes': {
    name: 'nodes.list',
    summary: {
      en: 'The processes that plan and deliver at this moment.',
      zh: '当前在计划与推送的进程（节点）。',
    },
    permission: 'node.read',
    account: null,
    ...reads,
    answers: {
      200: z.object({
        nodes: z.array(
          z.object({
            id: z.uuid(),
            /** `serve`, or a command that works while it waits: `push`, `demo`. */
            role: z.string(),
            host: z.string(),
            pid: z.number().int(),
            version: z.string(),
            startedAt: time,
            /** By the database's clock; one not seen for 15 s is dead. */
            seenAt: time,
            /** Fingerprints of the secret keys that it has; it seals with the first. Null: an older version, which has one. */
            keyIds: z.array(z.string()).nullable(),
          }),
        ),
      }),
    },
  },
  'GET /v1/installation': {
    name: 'installation.check',
    summary: {
      en: 'What can be wrong with the installation before anything fails: durability, clocks, secrets, backups, and of each account credentials, quota and callback.',
      zh: '体检：落盘设置、时钟、密钥、备份，以及各账号的凭证、额度和回调，问题在出错之前就能看到。',
    },
    permission: 'node.read',
    account: null,
    ...reads,
    answers: {
      200: z.object({
        /** Whether all of it is. */
        ok: z.boolean(),
        database: z.object({
          version: z.string(),
          encoding: z.string(),
          megabytes: z.number().int(),
          /** Number of the newest migration. */
          migration: z.number().int(),
        }),
        durability: z.object({ ok: z.boolean(), fsync: z.string(), synchronousCommit: z.string() }),
        /** What the database does not tell of itself, without which a restore may go unnoticed. */
        restores: z.object({ ok: z.boolean(), blindSpots: z.array(z.string()) }),
        clock: z.object({ ok: z.boolean(), skewMs: z.number() }),
        /** Of the last 24 hours; negative: set back. */
        clockSteps: z.object({
          ok: z.boolean(),
          steps: z.array(z.object({ ms: z.number(), noticedAt: time })),
        }),
        /** Connections that live nodes may use (`wanted`, with some for commands) and that this user may open (`usable`). */
        connections: z.object({
          ok: z.boolean(),
          nodes: z.number().int(),
          perNode: z.number().int(),
          wanted: z.number().int(),
          usable: z.number().int(),
          maxConnections: z.number().int(),
          reserved: z.number().int(),
          /** `max_connections` with which that is enough. */
          need: z.number().int(),
        }),
        /** Whether each commit waits for every standby, so that a failover goes on by itself. */
        failover: z.object({ standbys: z.number().int().nullable(), isSynchronous: z.boolean() }),
        /** Whether everything that is sealed opens with the secret key; `unreadable`: `table.column KEY` of what does not. */
        secrets: z.object({
          ok: z.boolean(),
          count: z.number().int(),
          unreadable: z.array(z.string()),
          /** By the fingerprints of the keys that the node has; the one that it encrypts with first. */
          byKey: z.array(z.object({ key: z.string(), count: z.number().int() })),
        }),
        /** Of the backups that nodes make every day, where that is asked for (`HONGYAN_BACKUP_DIR`). */
        backup: z.object({
          ok: z.boolean(),
          /** The newest whole one. */
          done: z
            .object({
              dueAt: time,
              endedAt: time,
              host: z.string(),
              path: z.string(),
              bytes: z.number().int(),
            })
            .nullable(),
          /** The newest attempt, when it failed: a code of docs/errors.md, or the system's own, such as `ENOSPC`. */
          failed: z
            .object({ startedAt: time, host: z.string(), path: z.string(), code: z.string() })
            .nullable(),
          /** The last `hongyan backup`, as far as the audit goes back. */
          byHand: time.nullable(),
        }),
        /** Those that the caller may see; WeChat is asked some things for each. */
        accounts: z.array(
          z.object({
            appid: z.string(),
            ok: z.boolean(),
            error: z.object({ code: z.string(), detail: z.string(), hint: z.string().nullable() }).nullable(),
            /** Where the calls of the node that answers come from, as WeChat noted. */
            egress: z.string().nullable(),
            /** From WeChat's, to the second. */
            clock: z.object({ ok: z.boolean(), skewMs: z.number() }).nullable(),
            /** Send APIs whose quota of today is used up, or down to a tenth. */
            quota: z
              .object({
                ok: z.boolean(),
                short: z.array(
                  z.object({
                    path: z.string(),
                    limit: z.number().int().nullable(),
                    left: z.number().int().nullable(),
                  }),
                ),
              })
              .nullable(),
            /** How the callback is reached from outside; null: the account has none, or is not usable. */
            callback: z
              .object({
                ok: z.boolean(),
                url: z.string().nullable(),
                findings: z.array(
                  z.object({
                    check: z.enum(['verification', 'push', 'forgery', 'wechat']),
                    ok: z.boolean(),
                    code: z.string().nullable(),
                    detail: z.string().nullable(),
                    errcode: z.number().int().nullable(),
                    errmsg: z.string().nullable(),
                  }),
                ),
              })
              .nullable(),
          }),
        ),
      }),
    },
  },
});
