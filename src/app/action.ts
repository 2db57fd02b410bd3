import { errorCode, failure } from '../base/errors.ts';
import type { Permission } from '../contract/permissions.ts';
import { type AuditRow, appendAudit } from '../store/access/audit.ts';
import { type Actor, may } from './actor.ts';
import type { App } from './app.ts';

export interface ActionSpec<I> {
  /** `subject.verb`, as in the audit and in the table of routes. */
  name: string;
  permission: Permission;
  /**
   * `change`: a row before and a row after, so that a process that is killed in between leaves a trace. `export`: a row
   * when data leaves. `none`: reads; only a refusal is a row.
   */
  audit: 'change' | 'export' | 'none';
  /** The account that it is about, where the permission may be limited to accounts. Default: none. */
  appid?: (input: I) => string | null;
  /** What it is done to, within the account. */
  target?: (input: I) => string | number | null;
  /** The fields of the input that the audit keeps. Name no secret, no openid, no content of messages. Default: none. */
  kept?: (input: I) => Record<string, unknown>;
}

/** What an action tells the audit of the state that it found and left. */
export interface Trail {
  before?: unknown;
  after?: unknown;
  /** For an action that finds out only as it runs to which account it belongs. */
  appid?: string;
  target?: string | number;
}

export interface Action<I, O> {
  (app: App, actor: Actor, input: I): Promise<O>;
  /** What the table of routes is compared with. */
  readonly spec: Pick<ActionSpec<I>, 'name' | 'permission' | 'audit'>;
}

/** Throws `FORBIDDEN` for an actor without the permission, or without the account; that is a row in the audit. */
export async function requirePermission(
  app: Pick<App, 'store'>,
  actor: Actor,
  asked: { action: string; permission: Permission; appid: string | null },
): Promise<void> {
  if (may(actor, asked.permission, asked.appid)) return;
  await appendAudit(app.store.pool, {
    ...rowOf(actor),
    outcome: 'refused',
    beganId: null,
    action: asked.action,
    code: 'FORBIDDEN',
    appid: asked.appid,
    target: null,
    input: {},
    before: null,
    after: null,
  });
  throw failure('FORBIDDEN', { permission: asked.permission, actor: actor.name });
}

/** The columns that say who. */
export function rowOf(
  actor: Actor,
): Pick<AuditRow, 'actorKind' | 'actorId' | 'actorName' | 'source' | 'requestId'> {
  return {
    actorKind: actor.kind,
    actorId: actor.id,
    actorName: actor.name,
    source: actor.source,
    requestId: actor.requestId,
  };
}

/**
 * An action: the one way in which something is done, whoever asks. Permission and audit are here, so no entrance can
 * forget them.
 *
 * Throws `FORBIDDEN` for an actor without the permission or the account; that is a row in the audit too.
 */
export function action<I, O>(
  spec: ActionSpec<I>,
  run: (
    app: App,
    input: I,
    context: { actor: Actor; trail: Trail; require(appid: string): Promise<void> },
  ) => Promise<O>,
): Action<I, O> {
  const act = async (app: App, actor: Actor, input: I): Promise<O> => {
    const trail: Trail = {};
    const row = (outcome: AuditRow['outcome'], beganId: string | null, code: string | null): AuditRow => ({
      outcome,
      beganId,
      action: spec.name,
      code,
      ...rowOf(actor),
      appid: trail.appid ?? spec.appid?.(input) ?? null,
      target: text(trail.target ?? spec.target?.(input) ?? null),
      input: spec.kept?.(input) ?? {},
      before: trail.before,
      after: trail.after,
    });
    /** Also for an account that shows only when the action has found what it is about. */
    const require = async (appid: string | null): Promise<void> => {
      if (may(actor, spec.permission, appid)) return;
      await appendAudit(app.store.pool, row('refused', null, 'FORBIDDEN'));
      throw failure('FORBIDDEN', { permission: spec.permission, actor: actor.name });
    };
    await require(spec.appid?.(input) ?? null);
    const began =
      spec.audit === 'change' ? await appendAudit(app.store.pool, row('began', null, null)) : null;
    try {
      const result = await run(app, input, {
        actor,
        trail,
        require: async (appid) => {
          trail.appid = appid;
          await require(appid);
        },
      });
      if (spec.audit !== 'none') await appendAudit(app.store.pool, row('done', began, null));
      return result;
    } catch (error) {
      // What failed is told by the error itself; the audit must not hide it.
      if (spec.audit !== 'none')
        await appendAudit(app.store.pool, row('failed', began, errorCode(error) ?? 'UNEXPECTED')).catch(
          () => {},
        );
      throw error;
    }
  };
  return Object.assign(act, { spec });
}

function text(value: string | number | null): string | null {
  return value === null ? null : String(value);
}
