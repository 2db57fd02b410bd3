import { failure } from '../../base/errors.ts';
import { simulatedFeatures, simulatedKinds } from '../../texts/simulator-parts.ts';
import { digest } from '../random.ts';
import type { Account } from '../state/account.ts';

/** What a person chose for one template in the consent dialog. */
export interface SubscriptionChoice {
  template_id: string;
  choice: 'accept' | 'reject';
}

/** One person of a simulated account, who does what people do in WeChat. Events go to the account's callback URL. */
export class SimulatedUser {
  readonly openid: string;
  readonly #account: Account;
  readonly #index: number;

  /** @internal Use `account.user(openid)`. */
  constructor(account: Account, openid: string) {
    this.openid = openid;
    this.#account = account;
    this.#index = account.followers.find(openid);
    if (this.#index >= 0) return;
    throw failure('SIMULATOR_OPENID/openid', { appid: account.appid });
  }

  /**
   * Follows (again), over a QR code if `scene` is given; raises `subscribe` and may be answered for a minute. Who
   * follows already raises nothing.
   */
  follow(scene?: string): void {
    const { followers, tags, kf, clock } = this.#account;
    const isNew = !followers.follows(this.#index);
    followers.setFollows(this.#index, true);
    tags.invalidate();
    kf.open(this.#index, 'follow', clock.now());
    if (isNew) this.#raise('subscribe', scene === undefined ? undefined : `qrscene_${scene}`);
  }

  /** Leaves: gone from `user/get`, sends that need a follower answer 43004; raises `unsubscribe`. */
  unfollow(): void {
    const { followers, tags } = this.#account;
    const wasThere = followers.follows(this.#index);
    followers.setFollows(this.#index, false);
    tags.invalidate();
    if (wasThere) this.#raise('unsubscribe', undefined);
  }

  /** Scans a QR code with that scene: `SCAN` of a follower, else as `follow`. Mini Programs have none. */
  scan(scene: string): void {
    this.#only('official', 'scenes');
    if (!this.#account.followers.follows(this.#index)) {
      this.follow(scene);
      return;
    }
    this.#account.kf.open(this.#index, 'scan', this.#account.clock.now());
    this.#raise('SCAN', scene);
  }

  /**
   * Answers the consent dialog: each accept adds a credit, a reject none (see `popupRejectErases`); raises one
   * `subscribe_msg_popup_event`. `silent` is a tap under 总是保持以上选择: no dialog is shown, the credits count, and no
   * event comes. `popupScene`: 0 in a Mini Program, 1 (default of the others) an H5 page, 2 an article.
   */
  choose(choices: readonly SubscriptionChoice[], how: { silent?: boolean; popupScene?: number } = {}): void {
    const { credits, events } = this.#account;
    for (const { template_id: id } of choices) this.#template(id);
    for (const { template_id: id, choice } of choices) {
      if (choice === 'accept') credits.set(id, this.#index, credits.balance(id, this.#index) + 1);
      else if (events.options.popupRejectErases) credits.set(id, this.#index, 0);
    }
    if (how.silent === true) return;
    const popupScene = how.popupScene ?? (this.#isMiniprogram ? 0 : 1);
    events.raise('subscribe_msg_popup_event', this.#index, { choices, popupScene });
  }

  /** Switches templates off in the settings: no credits are left; raises one `subscribe_msg_change_event`. */
  turnOff(templateIds: readonly string[]): void {
    const { credits, events } = this.#account;
    for (const id of templateIds) this.#template(id);
    for (const id of templateIds) credits.set(id, this.#index, 0);
    const choices = templateIds.map((id) => ({ template_id: id, choice: 'reject' }));
    events.raise('subscribe_msg_change_event', this.#index, { choices });
  }

  /** Refuses the account's messages: sends are accepted, their receipts say `failed:user block`. */
  blockMessages(): void {
    this.#account.events.setRefuses(this.#index, true);
  }

  unblockMessages(): void {
    this.#account.events.setRefuses(this.#index, false);
  }

  get blocksMessages(): boolean {
    return this.#account.events.refuses(this.#index);
  }

  /** Writes to the account, which may then answer 5 times in 48 hours. */
  sendText(content: string): void {
    this.#account.kf.open(this.#index, 'message', this.#account.clock.now());
    this.#account.events.message(this.#index, content);
  }

  /** Opens a Mini Program's customer-service session; raises `user_enter_tempsession`. */
  enterSession(sessionFrom = ''): void {
    this.#only('miniprogram', 'sessions');
    this.#account.kf.open(this.#index, 'enter', this.#account.clock.now());
    this.#account.events.raise('user_enter_tempsession', this.#index, { sessionFrom });
  }

  get #isMiniprogram(): boolean {
    return this.#account.options.kind === 'miniprogram';
  }

  /** Mini Programs have no followers, hence no such events. */
  #raise(name: 'subscribe' | 'unsubscribe' | 'SCAN', eventKey: string | undefined): void {
    if (this.#isMiniprogram) return;
    const ticket = eventKey === undefined ? undefined : `gQ${digest('ticket', eventKey).toString('base64')}`;
    const extra = eventKey === undefined || ticket === undefined ? {} : { eventKey, ticket };
    this.#account.events.raise(name, this.#index, extra);
  }

  #only(kind: 'official' | 'miniprogram', what: keyof typeof simulatedFeatures): void {
    if ((kind === 'miniprogram') === this.#isMiniprogram) return;
    throw failure('SIMULATOR_OPTIONS/kind-has-no', {
      kind: this.#isMiniprogram ? simulatedKinds.miniprogram : simulatedKinds.official,
      what: simulatedFeatures[what],
    });
  }

  #template(id: string): void {
    if (this.#account.templates.get(id)?.family === 'subscribe') return;
    throw failure('SIMULATOR_OPTIONS/template', { appid: this.#account.appid, id });
  }
}
