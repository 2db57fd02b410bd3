import { useEffect, useRef, useSyncExternalStore } from 'react';
import type { StreamTold } from '../../src/contract/stream.ts';
import { call, clients, isProblem, onConnection, presence, returnsNow, tell, tellFailure } from './call.ts';

/** What the server told just now. After a start anything may have changed. */
export interface Told extends StreamTold {
  isStart: boolean;
}

/**
 * `off`: not wanted now, or nothing that this person may be told of; `live`: what happens is told; `down`: it broke off, and pages
 * ask by themselves until it is back.
 */
export type LiveState = 'off' | 'connecting' | 'live' | 'down';

const firstRetryMs = 1_000;
const lastRetryMs = 15_000;

/**
 * One stream of this tab, for all that is shown in it. A tab that nobody looks at gives its connection back, of which a browser
 * has six for a server over HTTP/1.1, and goes on where it was when it is looked at again.
 */
class Live {
  #state: LiveState = 'off';
  #listeners = new Set<(told: Told) => void>();
  #watchers = new Set<() => void>();
  #stop: AbortController | null = null;
  #lastEventId: string | undefined;
  #retryMs = firstRetryMs;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #isWanted = false;
  /** Nobody could be asked meanwhile, or nobody was signed in: the next answer shows that it is over. */
  #isAway = false;

  get state(): LiveState {
    return this.#state;
  }

  subscribe(listener: (told: Told) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  watch(watcher: () => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  /** While somebody is signed in; the answer ends it. */
  start(): () => void {
    this.#isWanted = true;
    const onLook = (): void => (document.hidden ? this.#close('off') : this.#open());
    document.addEventListener('visibilitychange', onLook);
    const forget = onConnection((what) => {
      if (what !== 'reached') this.#isAway = true;
      else if (this.#isAway) {
        this.#isAway = false;
        if (this.#state === 'down') this.#open();
      }
    });
    onLook();
    return () => {
      this.#isWanted = false;
      document.removeEventListener('visibilitychange', onLook);
      forget();
      this.#close('off');
    };
  }

  #open(): void {
    clearTimeout(this.#retry);
    this.#retry = undefined;
    if (!this.#isWanted || document.hidden || this.#stop !== null) return;
    const stop = new AbortController();
    this.#stop = stop;
    if (this.#state !== 'down') this.#set('connecting');
    void this.#read(stop.signal).then((isOver) => {
      if (this.#stop !== stop) return;
      this.#stop = null;
      if (isOver) return this.#set('off');
      this.#set('down');
      this.#retry = setTimeout(() => this.#open(), this.#retryMs);
      this.#retryMs = Math.min(this.#retryMs * 2, lastRetryMs);
    });
  }

  /** Reads until it ends; true when there is nothing to come back for. */
  async #read(signal: AbortSignal): Promise<boolean> {
    const resumed = this.#lastEventId === undefined ? {} : { lastEventId: this.#lastEventId };
    await presence();
    const begun = returnsNow();
    try {
      for await (const { id, event, data } of clients.en.events('GET /v1/stream', { ...resumed, signal })) {
        if (id !== null) this.#lastEventId = id;
        this.#retryMs = firstRetryMs;
        this.#set('live');
        tell('reached');
        const told: StreamTold = JSON.parse(data);
        for (const listener of [...this.#listeners]) listener({ ...told, isStart: event === 'start' });
      }
      return false;
    } catch (error) {
      if (signal.aborted) return false;
      if (isProblem(error)) {
        tellFailure(error, begun);
        // Nothing of it is theirs to see; pages ask for what is.
        return error.status === 403;
      }
      // One that breaks off may come back at once. Then it is asked whether it is the server that is away, or only its stream: a
      // page that asks for nothing else would not find out.
      if (this.#state === 'down') await call('en', 'GET /v1/me', { signal }).catch(() => {});
      return false;
    }
  }

  #close(state: LiveState): void {
    clearTimeout(this.#retry);
    this.#retry = undefined;
    const stop = this.#stop;
    this.#stop = null;
    stop?.abort();
    this.#set(state);
  }

  #set(state: LiveState): void {
    if (this.#state === state) return;
    this.#state = state;
    for (const watcher of [...this.#watchers]) watcher();
  }
}

export const live = new Live();

export function useLiveState(): LiveState {
  return useSyncExternalStore(
    (changed) => live.watch(changed),
    () => live.state,
  );
}

/** Calls with each message that concerns the page. */
export function useTold(onTold: (told: Told) => void): void {
  const latest = useRef(onTold);
  useEffect(() => {
    latest.current = onTold;
  });
  useEffect(() => live.subscribe((told) => latest.current(told)), []);
}

/** Read again at most so often, however much is told. */
const leastMs = 1_000;

/** Reads again when something is told that concerns it; what comes in between is told by the next. */
export function useRereads(isConcerned: ((told: Told) => boolean) | undefined, reread: () => void): void {
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const last = useRef(0);
  const latest = useRef(reread);
  useEffect(() => {
    latest.current = reread;
  });
  useTold((told) => {
    if (isConcerned === undefined || timer.current !== undefined) return;
    if (!told.isStart && !isConcerned(told)) return;
    const waitMs = Math.max(0, last.current + leastMs - performance.now());
    timer.current = setTimeout(() => {
      timer.current = undefined;
      last.current = performance.now();
      latest.current();
    }, waitMs);
  });
  useEffect(() => () => clearTimeout(timer.current), []);
}
