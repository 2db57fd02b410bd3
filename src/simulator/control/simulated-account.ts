import { failure } from '../../base/errors.ts';
import { onceLedger } from '../api/send-template-messages.ts';
import type { AccountKind, QuotaLimit } from '../options.ts';
import { checkIpEntries } from '../resolve-options.ts';
import type { Account } from '../state/account.ts';
import type { KfTrigger } from '../state/kf-windows.ts';
import type { ReceivedMessage, SimulatedChannel } from '../state/received.ts';
import type { TemplateDefinition, TemplateFamily } from '../templates/templates.ts';
import { SimulatedEvents } from './simulated-events.ts';
import { SimulatedHolds } from './simulated-holds.ts';
import { SimulatedUser } from './simulated-user.ts';

/** How often each of an account's people was reached by one channel and template. */
export interface ChannelSummary {
  channel: SimulatedChannel;
  template_id?: string;
  /** People who received at least one. */
  recipients: number;
  /** People who received more than one. */
  duplicates: number;
}

/** What an account has answered and accepted since the start or the last reset. */
export interface AccountSummary {
  appid: string;
  kind: AccountKind;
  followers: number;
  accepted: number;
  /** People who received more than one message of one template and channel; the sum over `channels`. */
  duplicates: number;
  channels: ChannelSummary[];
  /** Answers of all paths by errcode; `"0"` are successes. */
  byErrcode: Record<string, number>;
  byApi: Record<
    string,
    { calls: number; usedToday: number; limit: QuotaLimit; byErrcode: Record<string, number> }
  >;
}

/** A template of a simulated account. */
export interface SimulatedTemplate {
  template_id: string;
  family: TemplateFamily;
  title: string;
  content: string;
  /** 2 one-time, 3 long-term; meaningful for the family `subscribe`. */
  type: 2 | 3;
}

/** One simulated account, to look at and to change from a test. Openids that it does not know throw `SIMULATOR_OPENID`. */
export class SimulatedAccount {
  /** The callback: settings, how events come, and what became of each. */
  readonly events: SimulatedEvents;
  /** Template messages that are held for review: which, and the verdicts on them. */
  readonly holds: SimulatedHolds;
  readonly #account: Account;

  /** @internal Use `simulator.account(appid)`. */
  constructor(account: Account) {
    this.#account = account;
    this.events = new SimulatedEvents(account);
    this.holds = new SimulatedHolds(account);
  }

  get appid(): string {
    return this.#account.appid;
  }

  /** The AppSecret as it is now. */
  get secret(): string {
    return this.#account.secret;
  }

  get kind(): AccountKind {
    return this.#account.options.kind;
  }

  /** How many people `user/get` lists. */
  get followers(): number {
    return this.#account.followers.total;
  }

  /** The openid of person `index` (0 … followers − 1), always the same for the same seed and appid. */
  openid(index: number): string {
    const { followers } = this.#account;
    if (!Number.isInteger(index) || index < 0 || index >= followers.count) {
      throw failure('SIMULATOR_OPENID/index', {
        appid: this.appid,
        last: String(followers.count - 1),
        index: String(index),
      });
    }
    return followers.openid(index);
  }

  /** The person of an openid, or −1 if it is not of this account. */
  indexOf(openid: string): number {
    return this.#account.followers.find(openid);
  }

  /** The account's templates of all families. */
  templates(): SimulatedTemplate[] {
    return [...this.#account.templates.values()].map(({ id, family, title, content, type }) => ({
      template_id: id,
      family,
      title,
      content,
      type,
    }));
  }

  /** Adds a template; its id depends on the seed, the appid and `name` only. */
  addTemplate(name: string, definition: TemplateDefinition): string {
    return this.#account.addTemplate(name, definition).id;
  }

  /** Takes a template away, or bans it (sends then answer 43116). */
  removeTemplate(templateId: string, how: 'delete' | 'ban' = 'delete'): void {
    const template = this.#account.templates.get(templateId);
    if (how === 'delete') this.#account.templates.delete(templateId);
    else if (template !== undefined) template.banned = true;
  }

  /**
   * Intercepts a share of the template's accepted messages from now on, as WeChat does to unsolicited ones: they are
   * answered with ok, and listed by queryblocktmplmsg. 0 ends it.
   */
  intercept(templateId: string, share: number): void {
    this.#account.interceptions.set(templateId, share);
  }

  summary(): AccountSummary {
    const { received, quotas, options, clock } = this.#account;
    const channels: ChannelSummary[] = [];
    let duplicates = 0;
    for (const { channel, templateId, counts } of received.counters()) {
      duplicates += counts.repeated;
      channels.push({
        channel,
        ...(templateId === undefined ? {} : { template_id: templateId }),
        recipients: counts.distinct,
        duplicates: counts.repeated,
      });
    }
    const byErrcode: Record<string, number> = {};
    const byApi: AccountSummary['byApi'] = {};
    for (const api of quotas.all()) {
      const answers: Record<string, number> = {};
      for (const [errcode, times] of api.answers) {
        answers[errcode] = times;
        byErrcode[errcode] = (byErrcode[errcode] ?? 0) + times;
      }
      const usedToday = quotas.usedToday(api.path, clock.now());
      byApi[api.path] = { calls: api.calls, usedToday, limit: api.limit, byErrcode: answers };
    }
    return {
      appid: this.appid,
      kind: options.kind,
      followers: this.followers,
      accepted: received.accepted,
      duplicates,
      channels,
      byErrcode,
      byApi,
    };
  }

  /**
   * How many messages that person received, of one channel or template if given. Counted for everyone, without
   * a limit in time.
   */
  receivedCount(openid: string, filter: { channel?: SimulatedChannel; template_id?: string } = {}): number {
    const index = this.#find(openid);
    let sum = 0;
    for (const { channel, templateId, counts } of this.#account.received.counters()) {
      if (filter.channel !== undefined && filter.channel !== channel) continue;
      if (filter.template_id !== undefined && filter.template_id !== templateId) continue;
      sum += counts.get(index);
    }
    return sum;
  }

  /**
   * The accepted messages, oldest first: all of them with `record: 'full'`, else the last `keepMessages`.
   * `openid` picks those of one person.
   */
  messages(openid?: string): ReceivedMessage[] {
    const all = this.#account.received.messages();
    return openid === undefined ? [...all] : all.filter((message) => message.openid === openid);
  }

  /** Everyone who received something, by channel and template: one object per person and counter. */
  *counts(): Generator<{ openid: string; channel: SimulatedChannel; template_id?: string; count: number }> {
    for (const { channel, templateId, counts } of this.#account.received.counters()) {
      for (const [index, count] of counts.entries()) {
        yield {
          openid: this.#account.followers.openid(index),
          channel,
          ...(templateId === undefined ? {} : { template_id: templateId }),
          count,
        };
      }
    }
  }

  /** Bytes of the counters of received messages: 32 KB for each 16,384 neighbours of whom one received something. */
  stateBytes(): number {
    let bytes = 0;
    for (const { counts } of this.#account.received.counters()) bytes += counts.bytes;
    return bytes;
  }

  /** Forgets what was received; everything else stays. */
  clearReceived(): void {
    this.#account.received.clear();
  }

  /** A person who acts: follows, leaves, answers a consent dialog, blocks messages, writes. */
  user(openid: string): SimulatedUser {
    return new SimulatedUser(this.#account, openid);
  }

  /** The person leaves: gone from `user/get`, sends that need a follower answer 43004; raises `unsubscribe`. */
  unfollow(openid: string): void {
    this.user(openid).unfollow();
  }

  /** The person follows (again) and may be answered for a minute; raises `subscribe`. */
  follow(openid: string): void {
    this.user(openid).follow();
  }

  /** So many new people follow, after the existing ones; their indexes continue. Raises no events. */
  grow(by: number): void {
    this.#account.followers.count += by;
    this.#account.tags.invalidate();
  }

  /** Puts the person on the account's blacklist (43019). A person who refuses messages: `user(openid).blockMessages()`. */
  block(openid: string): void {
    this.#account.followers.setBlacklisted(this.#find(openid), true);
  }

  unblock(openid: string): void {
    this.#account.followers.setBlacklisted(this.#find(openid), false);
  }

  /** Adds credits of a template; for a one-time subscription of an OA also give the scene. */
  grantCredits(openid: string, templateId: string, credits = 1, scene?: number): void {
    const index = this.#find(openid);
    const ledger = scene === undefined ? templateId : onceLedger(templateId, scene);
    this.#account.credits.set(ledger, index, this.#account.credits.balance(ledger, index) + credits);
  }

  /** The person refuses that template: no credits; a long-term template answers 43101 too. */
  revokeCredits(openid: string, templateId: string, scene?: number): void {
    const ledger = scene === undefined ? templateId : onceLedger(templateId, scene);
    this.#account.credits.set(ledger, this.#find(openid), 0);
  }

  credits(openid: string, templateId: string, scene?: number): number {
    const ledger = scene === undefined ? templateId : onceLedger(templateId, scene);
    return this.#account.credits.balance(ledger, this.#find(openid));
  }

  /** A form_id (one send within 7 days) or a prepay_id (three sends) of that person. */
  issueFormId(openid: string, source: 'form' | 'prepay' = 'form'): string {
    return this.#account.formIds.issue(this.#find(openid), source, this.#account.clock.now());
  }

  /** A `wx.login` code of that person: 32 characters, one use, 5 minutes. */
  issueJsCode(openid: string): string {
    return this.#account.issueJsCode(this.#find(openid));
  }

  /** The person did something that opens a customer-service window. */
  openKfWindow(openid: string, trigger: KfTrigger = 'message'): void {
    this.#account.kf.open(this.#find(openid), trigger, this.#account.clock.now());
  }

  closeKfWindow(openid: string): void {
    this.#account.kf.close(this.#find(openid));
  }

  /** Changes the limits of a path from now on; `null` lifts them. */
  setQuota(path: string, limit: QuotaLimit | null): void {
    this.#account.quotas.set(path, limit);
  }

  /** Ends all tokens now: `expired` ones answer 42001, `superseded` ones 40001. */
  endTokens(how: 'expired' | 'superseded'): void {
    this.#account.tokens.end(how, this.#account.clock.now());
  }

  /** A new AppSecret; the tokens of the old one die with it. */
  setSecret(secret: string): void {
    this.#account.secret = secret;
    this.endTokens('superseded');
  }

  /** 冻结: token endpoints answer 40243; tokens already issued go on working. */
  freezeSecret(frozen = true): void {
    this.#account.secretFrozen = frozen;
  }

  /** Addresses or CIDR blocks that may call; `undefined` lets everyone. */
  setIpWhitelist(entries: readonly string[] | undefined): void {
    checkIpEntries(entries ?? []);
    this.#account.ipWhitelist = entries;
  }

  /** Every call of the account answers that errcode (e.g. 50007 frozen, 48004 punished); 0 ends it. */
  setState(errcode: number): void {
    this.#account.state = errcode;
  }

  /** Back to the state at the start. */
  reset(): void {
    this.#account.reset();
  }

  #find(openid: string): number {
    const index = this.#account.followers.find(openid);
    if (index >= 0) return index;
    throw failure('SIMULATOR_OPENID/openid', { appid: this.appid });
  }
}
