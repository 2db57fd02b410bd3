/** A template message that the simulated platform took and then kept from its recipient. */
export interface Interception {
  id: number;
  tmpl_msg_id: string;
  title: string;
  content: string;
  /** Unix seconds. */
  send_timestamp: number;
  openid: string;
}

/** Records kept per account; the real list is of the day and its length is not documented. */
const kept = 10_000;

/** Which templates are intercepted, and what was; the answer of queryblocktmplmsg. */
export class Interceptions {
  readonly #everyNth = new Map<string, number>();
  readonly #counts = new Map<string, number>();
  #list: Interception[] = [];
  #nextId = 1;

  /** Intercepts this share of the template's accepted messages, evenly; 0 ends it. */
  set(templateId: string, share: number): void {
    if (share <= 0) this.#everyNth.delete(templateId);
    else this.#everyNth.set(templateId, 1 / share);
  }

  /** Sees an accepted message; true if it is kept from its recipient. */
  see(templateId: string, title: string, openid: string, nowMs: number): boolean {
    const nth = this.#everyNth.get(templateId);
    if (nth === undefined) return false;
    const count = (this.#counts.get(templateId) ?? 0) + 1;
    this.#counts.set(templateId, count);
    if (Math.floor(count / nth) === Math.floor((count - 1) / nth)) return false;
    this.add(templateId, title, openid, nowMs);
    return true;
  }

  /** Lists a message that was sent then as blocked. */
  add(templateId: string, title: string, openid: string, sentAtMs: number): void {
    const send_timestamp = Math.floor(sentAtMs / 1000);
    this.#list.push({
      id: this.#nextId++,
      tmpl_msg_id: templateId,
      title,
      content: '',
      send_timestamp,
      openid,
    });
    if (this.#list.length > kept) this.#list = this.#list.slice(-kept / 2);
  }

  page(templateId: string, largestId: number, limit: number): Interception[] {
    return this.#list.filter((one) => one.tmpl_msg_id === templateId && one.id > largestId).slice(0, limit);
  }

  reset(): void {
    this.#everyNth.clear();
    this.#counts.clear();
    this.#list = [];
  }
}
