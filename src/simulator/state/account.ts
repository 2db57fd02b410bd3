import { randomBytes } from 'node:crypto';
import { BlockList, isIP } from 'node:net';
import type { Logger } from '../../base/logger.ts';
import { AccountEvents } from '../callback/account-events.ts';
import { OpenidCodec } from '../openid.ts';
import { randomSequence, seed32 } from '../random.ts';
import type { ResolvedAccount } from '../resolve-options.ts';
import { defaultTemplates } from '../templates/template-defaults.ts';
import { Template, type TemplateDefinition, templateId } from '../templates/templates.ts';
import type { SimulatedClock } from './clock.ts';
import { Credits } from './credits.ts';
import { DedupTable } from './dedup-table.ts';
import { Followers } from './followers.ts';
import { FormIds } from './form-ids.ts';
import { type Hold, Holds } from './holds.ts';
import { Interceptions } from './interceptions.ts';
import { KfWindows } from './kf-windows.ts';
import { MassJobs } from './mass-jobs.ts';
import { MediaStore } from './media-store.ts';
import { MsgidSource } from './msgid.ts';
import { defaultQuotas, Quotas } from './quota.ts';
import { Received } from './received.ts';
import { Tags } from './tags.ts';
import { type IssuedToken, Tokens } from './tokens.ts';

/** Everything that one simulated account knows. Endpoints read and change it; nothing else holds state. */
export class Account {
  readonly options: ResolvedAccount;
  readonly clock: SimulatedClock;
  readonly followers: Followers;
  readonly tokens: Tokens<Account>;
  readonly quotas: Quotas;
  readonly received: Received;
  readonly interceptions = new Interceptions();
  /** Messages that are held for review. */
  readonly holds: Holds;
  readonly credits: Credits;
  readonly formIds = new FormIds();
  readonly kf: KfWindows;
  readonly tags: Tags;
  readonly media: MediaStore;
  readonly mass = new MassJobs();
  readonly templates = new Map<string, Template>();
  readonly msgids: MsgidSource;
  /** What is pushed to the callback URL. */
  readonly events: AccountEvents;
  readonly random: () => number;
  /** `client_msg_id`s of the last 10 minutes, with the msgid of the first message. */
  readonly clientMsgIds = new DedupTable(600_000, MsgidSource.timeOf);
  /** Identical bodies of the last 60 seconds. */
  readonly bodies = new DedupTable(60_000);
  /** Followers with a send under way. */
  readonly busy = new Set<number>();
  readonly jsCodes = new Map<string, { index: number; expiresAtMs: number; used: boolean }>();
  readonly remarks = new Map<number, string>();
  readonly typingAt = new Map<number, number>();
  industry: { first: string; second: string; changedAtMs: number } = {
    first: '1',
    second: '4',
    changedAtMs: 0,
  };
  massSpeed = 3;
  secret: string;
  secretFrozen = false;
  /** An errcode that every call answers, e.g. 50007, 48004 or 89503; 0 for none. */
  state = 0;
  readonly #unionids: OpenidCodec | undefined;
  #whitelist: BlockList | undefined;
  #ipWhitelist: readonly string[] | undefined;

  constructor(
    options: ResolvedAccount,
    clock: SimulatedClock,
    allTokens: Map<string, IssuedToken<Account>>,
    logger: Logger,
  ) {
    this.options = options;
    this.clock = clock;
    this.secret = options.secret;
    const { appid, seed, kind } = options;
    this.followers = new Followers({
      seed,
      appid,
      count: options.followers,
      unfollowedShare: options.unfollowedShare,
      blacklistedShare: options.blacklistedShare,
    });
    this.tokens = new Tokens<Account>(this, allTokens, {
      overlapSeconds: options.tokenOverlapSeconds,
      expiresIn: options.tokenExpiresIn,
    });
    this.quotas = new Quotas(
      defaultQuotas(options.kind, options.followers),
      options.quotas,
      options.dailyResetHour,
    );
    this.received = new Received(options.record, options.keepMessages);
    this.credits = new Credits(seed32('credits', seed, appid), options.creditsPerUser);
    this.kf = new KfWindows(this.followers, options.kfOpenShare, clock.now());
    this.tags = new Tags(this.followers, options.tags);
    this.media = new MediaStore();
    this.msgids = new MsgidSource(seed32('worker', seed, appid));
    this.events = new AccountEvents(
      {
        appid,
        kind,
        seed,
        openid: (index) => this.followers.openid(index),
        msgidText: (msgid) => this.msgids.text(msgid),
        now: () => clock.now(),
      },
      options.callback,
      options.events,
      logger,
    );
    this.holds = new Holds(options.holds, clock, seed32('holds', seed, appid), {
      release: (hold, withEvent) => this.#release(hold, withEvent),
      block: (hold, withEvent) => this.#block(hold, withEvent),
    });
    this.random = randomSequence(seed32('jitter', seed, appid));
    this.#unionids =
      options.openPlatform === undefined
        ? undefined
        : new OpenidCodec(seed, `platform ${options.openPlatform}`);
    this.ipWhitelist = options.ipWhitelist;
    this.#defaultTemplates();
  }

  get appid(): string {
    return this.options.appid;
  }

  /** The person's id across accounts of one Open Platform, if the account is bound to one. */
  unionid(index: number): string | undefined {
    return this.#unionids?.encode(index);
  }

  get ipWhitelist(): readonly string[] | undefined {
    return this.#ipWhitelist;
  }

  set ipWhitelist(entries: readonly string[] | undefined) {
    this.#ipWhitelist = entries;
    this.#whitelist = undefined;
    if (entries === undefined) return;
    const list = new BlockList();
    for (const entry of entries) {
      const [address = '', bits] = entry.split('/');
      const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
      if (bits === undefined) list.addAddress(address, family);
      else list.addSubnet(address, Number(bits), family);
    }
    this.#whitelist = list;
  }

  allowsIp(ip: string): boolean {
    return this.#whitelist === undefined || this.#whitelist.check(ip, isIP(ip) === 6 ? 'ipv6' : 'ipv4');
  }

  /** A `wx.login` code: 32 characters, one use, 5 minutes. */
  issueJsCode(index: number): string {
    const code = randomBytes(24).toString('base64url');
    this.jsCodes.set(code, { index, expiresAtMs: this.clock.now() + 300_000, used: false });
    return code;
  }

  addTemplate(name: string, definition: TemplateDefinition): Template {
    const template = new Template(templateId(this.options.seed, this.appid, name), definition, this.options);
    this.templates.set(template.id, template);
    return template;
  }

  /** Back to how it was at the start: people, templates, quotas, tokens and what was received. */
  reset(): void {
    this.followers.reset();
    this.tokens.reset();
    this.quotas.reset();
    this.received.clear();
    this.events.reset();
    this.interceptions.reset();
    this.holds.reset();
    this.credits.reset();
    this.formIds.reset();
    this.kf.reset();
    this.tags.reset();
    this.media.reset();
    this.mass.reset();
    this.clientMsgIds.clear();
    this.bodies.clear();
    this.busy.clear();
    this.jsCodes.clear();
    this.remarks.clear();
    this.typingAt.clear();
    this.industry = { first: '1', second: '4', changedAtMs: 0 };
    this.massSpeed = 3;
    this.secret = this.options.secret;
    this.secretFrozen = false;
    this.state = 0;
    this.ipWhitelist = this.options.ipWhitelist;
    this.templates.clear();
    this.#defaultTemplates();
  }

  /** WeChat sends the message by itself: with the msgid that it had, and that no answer told. */
  #release({ index, msgid, templateId, openid, clientMsgId, body }: Hold, withEvent: boolean): void {
    this.received.add(index, {
      at: this.clock.now(),
      channel: 'oa-template',
      openid,
      template_id: templateId,
      msgid: this.msgids.text(msgid),
      ...(clientMsgId === '' ? {} : { client_msg_id: clientMsgId }),
      body,
    });
    if (withEvent) this.events.receipt('TEMPLATESENDJOBFINISH', index, msgid, templateId, false);
  }

  #block({ index, msgid, templateId, title, openid, at }: Hold, withEvent: boolean): void {
    this.interceptions.add(templateId, title, openid, at);
    if (withEvent) this.events.receipt('TEMPLATESENDJOBFINISH', index, msgid, templateId, true);
  }

  #defaultTemplates(): void {
    const { kind, legacy } = this.options;
    for (const [name, definition] of Object.entries(defaultTemplates(kind, legacy))) {
      this.addTemplate(name, definition);
    }
  }
}
