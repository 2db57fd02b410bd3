import type { Permission } from '../contract/permissions.ts';
import type { Entrance, Lang } from '../texts/catalogue.ts';

/** Who asks for an action: every entrance makes one, and actions ask nothing else about their caller. */
export interface Actor {
  /** `terminal`: whoever may use the data directory; `program`: one that embeds Hongyan. */
  kind: 'terminal' | 'user' | 'key' | 'program';
  /** Unique within the kind. */
  id: string;
  /** What people read in the audit, and what "somebody else must approve" compares. */
  name: string;
  permissions: 'all' | ReadonlySet<Permission>;
  /** Of a person. */
  role?: string;
  /** Accounts that it may see and use. */
  accounts: 'all' | ReadonlySet<string>;
  entrance: Entrance;
  lang: Lang;
  /** Address of the caller, or the host. */
  source: string | null;
  requestId: string | null;
}

/** Whether the actor has the permission, for this account where there is one. */
export function may(actor: Actor, permission: Permission, appid: string | null): boolean {
  if (actor.permissions !== 'all' && !actor.permissions.has(permission)) return false;
  return appid === null || sees(actor, appid);
}

/** Whether the actor may see what belongs to this account; lists across accounts leave out the others. */
export function sees(actor: Actor, appid: string): boolean {
  return actor.accounts === 'all' || actor.accounts.has(appid);
}

/** Whoever may run commands on this machine with this data directory: everything is theirs already. */
export function terminalActor(name: string, host: string, lang: Lang): Actor {
  return {
    kind: 'terminal',
    id: `${name}@${host}`,
    name,
    permissions: 'all',
    accounts: 'all',
    entrance: 'cli',
    lang,
    source: host,
    requestId: null,
  };
}

/**
 * Who confirms or approves, readable. Keys of one name are one: a key that was replaced by another, as keys are, is no second
 * person, and two programs that are to be two have two names.
 */
export function personOf(actor: Actor): string {
  switch (actor.kind) {
    case 'terminal':
      return actor.id;
    case 'user':
      return actor.name;
    case 'key':
      return `key ${actor.name}`;
    case 'program':
      return `program ${actor.name}`;
  }
}
