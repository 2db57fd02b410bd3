/** Whoever sends for accounts on this node: its campaigns, its single messages. */
export interface PaceUser {
  /** It may use the reserve of the day's quota. */
  readonly usesReserve: boolean;
  /** Hands back what it has of the account: of one path, or (null) all. */
  handBack(appid: string, path: string | null): void;
  /** The probe of a parked path succeeded. */
  onOpened(appid: string, path: string): void;
  /** Looks for work. */
  wake(): void;
}

/** All who share the paces of a node's accounts. */
export class PaceUsers {
  readonly #users: PaceUser[] = [];

  join(user: PaceUser): void {
    this.#users.push(user);
  }

  /** Of one path, or (null) all of the account. */
  handBack(appid: string, path: string | null): void {
    for (const user of this.#users) user.handBack(appid, path);
  }

  /** Not even of the reserve is anything left. */
  handBackReserve(appid: string, path: string): void {
    for (const user of this.#users) if (user.usesReserve) user.handBack(appid, path);
  }

  onOpened(appid: string, path: string): void {
    for (const user of this.#users) user.onOpened(appid, path);
  }

  wake(): void {
    for (const user of this.#users) user.wake();
  }
}
