import type { ServerResponse } from 'node:http';
import { failure } from '../../base/errors.ts';
import type { EventFate, EventName, EventStatus } from '../callback/event-log.ts';
import type { AccountKind } from '../options.ts';
import type { Account } from '../state/account.ts';
import type { ReceivedMessage } from '../state/received.ts';
import type { World } from '../state/world.ts';
import { SimulatedAccount, type SimulatedTemplate } from './simulated-account.ts';

/** Something that the person did or that was told of a message to them, and whether the receiver has it. */
export interface PhoneEvent {
  seq: number;
  event: EventName;
  /** Unix seconds. */
  createTime: number;
  status?: EventStatus;
  msgid?: string;
  template_id?: string;
  /** What the person wrote. */
  content?: string;
  fate: EventFate;
}

/** What one account is to one person. */
export interface PhoneAccount {
  appid: string;
  kind: AccountKind;
  openid: string;
  follows: boolean;
  /** On the account's blacklist. */
  blacklisted: boolean;
  /** The person refuses the account's messages. */
  refuses: boolean;
  /** Events go somewhere. */
  hasCallback: boolean;
  /** Everything that was received; more than `messages` where the simulator no longer has the older ones. */
  received: number;
  /** The last ones, oldest first. */
  messages: ReceivedMessage[];
  events: PhoneEvent[];
  /** The receiver's answers to what the person wrote, as it sent them. */
  replies: { at: number; body: string }[];
  /** Messages to this person that are under review, and those to anybody. */
  held: { mine: number; all: number };
  templates: SimulatedTemplate[];
  /** Credits by subscribe template. */
  credits: Record<string, number>;
}

/** One person's phone: the same person is `index` of every account, under another openid. */
export interface Phone {
  index: number;
  /** How many people there are; indexes go from 0 to one less. */
  people: number;
  /** The simulator's time, Unix milliseconds. */
  now: number;
  accounts: PhoneAccount[];
}

const kept = 100;
/** How often a live phone is compared with what was sent last. */
const lookMs = 200;
const heartbeatMs = 15_000;

/** Which person an openid of any account is. */
export function findPerson(world: World, openid: string): { index: number; appid: string } {
  for (const account of world.accounts.values()) {
    const index = account.followers.find(openid);
    if (index >= 0) return { index, appid: account.appid };
  }
  throw failure('SIMULATOR_OPENID/nobody', {});
}

export function phoneOf(world: World, index: number): Phone {
  const accounts = [...world.accounts.values()].filter(({ followers }) => index < followers.count);
  if (!Number.isInteger(index) || index < 0 || accounts.length === 0) {
    throw failure('SIMULATOR_OPENID/number', { people: peopleOf(world) });
  }
  return {
    index,
    people: peopleOf(world),
    now: world.clock.now(),
    accounts: accounts.map((account) => phoneAccount(account, index)),
  };
}

/**
 * Server-sent events of a phone: the whole of it now and after each change, at most five times a second. Looking costs
 * the same for a million messages as long as nothing changes.
 */
export function streamPhone(world: World, index: number, response: ServerResponse): void {
  let told = versionOf(world, index);
  const first = JSON.stringify(phoneOf(world, index)); // throws before the headers
  response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
  response.write(`data: ${first}\n\n`);
  const look = setInterval(() => {
    const version = versionOf(world, index);
    // A reader that does not keep up gets the latest when it does.
    if (version === told || response.writableNeedDrain) return;
    told = version;
    response.write(`data: ${JSON.stringify(phoneOf(world, index))}\n\n`);
  }, lookMs);
  const heartbeat = setInterval(() => response.write(':\n\n'), heartbeatMs);
  response.once('close', () => {
    clearInterval(look);
    clearInterval(heartbeat);
  });
}

function peopleOf(world: World): number {
  return Math.max(...[...world.accounts.values()].map(({ followers }) => followers.count));
}

function phoneAccount(account: Account, index: number): PhoneAccount {
  const { followers, received, events, holds } = account;
  const handle = new SimulatedAccount(account);
  const openid = followers.openid(index);
  return {
    appid: account.appid,
    kind: account.options.kind,
    openid,
    follows: followers.follows(index),
    blacklisted: followers.isBlacklisted(index),
    refuses: events.refuses(index),
    hasCallback: events.settings !== undefined,
    received: handle.receivedCount(openid),
    messages: received.lastOf(openid, kept),
    events: events.log.lastOf(index, kept).map((row) => {
      const msgid = events.msgid(row);
      return {
        seq: row.seq,
        event: row.name,
        createTime: row.createTime,
        ...(row.status === '' ? {} : { status: row.status }),
        ...(msgid === '' ? {} : { msgid }),
        ...(row.templateId === undefined ? {} : { template_id: row.templateId }),
        ...(row.extra?.content === undefined ? {} : { content: row.extra.content }),
        fate: row.fate,
      };
    }),
    replies: events
      .replies()
      .filter((reply) => reply.openid === openid && reply.problem === undefined)
      .map(({ at, body }) => ({ at, body })),
    held: { mine: holds.openOf(index), all: holds.openOf() },
    templates: handle.templates(),
    credits: creditsOf(account, index),
  };
}

function creditsOf(account: Account, index: number): Record<string, number> {
  return Object.fromEntries(
    [...account.templates.values()]
      .filter(({ family }) => family === 'subscribe')
      .map(({ id }) => [id, account.credits.balance(id, index)]),
  );
}

/**
 * Changes whenever what the phone shows may have changed. Counts that only go up stand for what is many: sums of a state
 * can be the same again after a change, and an event that was on its way and is delivered is still one event.
 */
function versionOf(world: World, index: number): string {
  // Of the time a phone shows the minute.
  const parts: unknown[] = [Math.floor(world.clock.now() / 60_000), peopleOf(world)];
  for (const account of world.accounts.values()) {
    const { followers, received, events, holds, templates } = account;
    if (index >= followers.count) continue;
    parts.push(
      ...[
        received.changes,
        events.log.changes,
        events.replyCount,
        events.settings?.url,
        holds.changes,
        [...templates.keys()],
      ],
      ...[followers.follows(index), followers.isBlacklisted(index), events.refuses(index)],
      creditsOf(account, index),
    );
  }
  return JSON.stringify(parts);
}
