/** The account of a simulated WeChat that runs. */
export interface SimulatedWechatView {
  appid: string;
  /** Of the simulator, which is its phone too. */
  url: string;
  /** Of a follower who is there from the start. */
  openid: string;
}

/** A WeChat that a node runs beside itself, so that everything can be tried before there is an account. */
export interface Simulation {
  /** Of its only account, always the same. */
  readonly appid: string;
  /** Null while it does not run. */
  running(): SimulatedWechatView | null;
  /** Starts it where it does not run. */
  start(): Promise<SimulatedWechatView & { secret: string }>;
  /** Ends it, with everything that its people have received. */
  end(): Promise<void>;
  /** Where this node can be reached by it; null: nowhere. */
  callbackBase(): string | null;
  /** Tells it where to push events; it asks there before it takes the address. */
  pushTo(settings: {
    url: string;
    token: string;
    encodingAESKey: string;
    mode: 'plain' | 'compatible' | 'secure';
  }): Promise<void>;
  /** One of its people writes to the account, which is an event. */
  write(openid: string, content: string): Promise<void>;
}
