import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { HongyanUnreachable } from '../../src/client/index.ts';
import type { AnswerOf } from '../parts/api.ts';
import { call, isProblem, onConnection } from '../parts/call.ts';
import { useLanguage } from '../parts/language.tsx';
import { navigate, withQuery } from '../parts/router.tsx';
import { useMe } from '../parts/session.ts';
import { type Draft, emptyDraft, fingerprint, requestOf } from './draft.ts';
import { dropUnsent, keepUnsent, placeOf, type Sent, unsentAt } from './unsent.ts';

export type Stored = AnswerOf<'GET /v1/drafts/{id}'>;

/** From the last key until it is sent to the server, ms. */
const restMs = 500;

/** After the server, or the way to it, failed, ms. */
const retryMs = 3_000;

/** A page that is left sends what was typed last; whoever comes back at once waits for it. */
let underWay: Promise<unknown> = Promise.resolve();

/** The draft of the address as it is on the server; undefined while it is read, null where there is none (any more). */
export function useStored(id: number | null): { stored: Stored | null | undefined; error: unknown } {
  const { lang } = useLanguage();
  const [found, setFound] = useState<{ stored: Stored | null | undefined; error: unknown }>({
    stored: id === null ? null : undefined,
    error: null,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: read once, whatever language it is shown in
  useEffect(() => {
    let isCurrent = true;
    const read = async (): Promise<void> => {
      if (id === null) return;
      await underWay;
      const stored = await call(lang, 'GET /v1/drafts/{id}', { params: { id } });
      if (isCurrent) setFound({ stored, error: null });
    };
    read().catch((error: unknown) => {
      if (isCurrent) setFound({ stored: isProblem(error, 'DRAFT_NOT_FOUND') ? null : undefined, error });
    });
    return () => {
      isCurrent = false;
    };
  }, [id]);
  return found;
}

/** The people that the address names, for a new draft. */
export function audienceOf(search: URLSearchParams): Partial<Draft> {
  const [uploadId, filter] = [search.get('upload'), search.get('filter')];
  if (uploadId !== null) return { audience: 'upload', uploadId: Number(uploadId) };
  return filter === null ? {} : { audience: 'filter', filter };
}

function draftOf(client: Partial<Draft> | undefined, templateId: string, audience: Partial<Draft>): Draft {
  const before: Draft = { ...emptyDraft, ...audience, ...client };
  return templateId === '' || templateId === before.templateId
    ? before
    : { ...before, templateId, values: {} };
}

/** No answer, or not yet one: it is sent again as it was, under its key. */
const isUnanswered = (error: unknown): boolean =>
  error instanceof HongyanUnreachable || isProblem(error, 'KEY_IN_FLIGHT');

/** The server ended on the way: its key is used up, and nobody knows whether it was done. */
const isInterrupted = (error: unknown): boolean =>
  isProblem(error, 'KEY_INTERRUPTED') || (isProblem(error) && error.status >= 500);

/** As text, whatever order the database gives to names. */
function canonical(value: unknown): string {
  const names = new Set<string>();
  JSON.stringify(value, (name, one: unknown) => {
    names.add(name);
    return one;
  });
  return JSON.stringify(value, [...names].sort());
}

export interface KeptDraft {
  draft: Draft;
  change(change: Partial<Draft>): void;
  /** The server has what is seen. */
  isKept: boolean;
  /** What kept it from being kept; `DRAFT_CHANGED`: somebody else, or another tab, was faster. */
  error: unknown;
  /** Tries once more to have it kept. */
  retry(): void;
  /** Throws away what is there on the server for what is seen here. */
  overwrite(): void;
  /** Throws away what is seen here for what is there on the server. */
  takeTheirs(): void;
  /** The campaign that was planned of it last, and whether nothing of the draft changed since. */
  planned: { campaign: number; isCurrent: boolean } | null;
  /** Plans it as it is now; gives what a person should know before. */
  plan(how?: { again: boolean }): Promise<string[]>;
  /** Resolves when the server has it. */
  settled(): Promise<{ id: number; revision: number }>;
}

/** What is typed goes to the server a moment later, one writing after the other. */
export function useKeptDraft(options: {
  appid: string;
  stored: Stored | null;
  /** Templates are there, so that a draft is written with what they say of it. */
  isReady: boolean;
  templateId: string;
  /** Of a new draft. */
  audience: Partial<Draft>;
  zone: string;
  /** The channel and name of the template that is chosen. */
  about(draft: Draft): { channel: string; name: string };
  onCreated(id: number): void;
}): KeptDraft {
  const { lang } = useLanguage();
  const me = useMe();
  const queries = useQueryClient();
  const from = JSON.stringify([options.templateId, options.audience]);
  const [unsent] = useState(() => {
    const found = unsentAt(placeOf(me, options.appid, options.stored?.id ?? null));
    return options.stored === null && found?.from !== from ? null : found;
  });
  const [draft, setDraft] = useState(() =>
    // As it was given to the server below.
    draftOf(
      unsent?.draft ?? (options.stored?.client as Partial<Draft> | undefined),
      options.templateId,
      options.audience,
    ),
  );
  const [isKept, setKept] = useState(unsent === null);
  const [error, setError] = useState<unknown>(null);
  const [revision, setRevision] = useState(options.stored?.revision ?? 0);
  const [planned, setPlanned] = useState(options.stored?.planned ?? null);
  const state = useRef({
    draft,
    at:
      unsent?.at ??
      (options.stored === null ? null : { id: options.stored.id, revision: options.stored.revision }),
    isDirty: unsent !== null,
    sent: unsent?.sent ?? null,
    isBegun: options.stored !== null || unsent !== null,
    timer: undefined as ReturnType<typeof setTimeout> | undefined,
    /** What was sent when the server ended on the way. */
    doubtful: null as string | null,
    /** It is written as soon as the server is there again. */
    isWaiting: false,
    isThere: true,
    options,
  });
  state.current.options = options;

  const place = (): string => placeOf(me, options.appid, state.current.at?.id ?? null);
  const remember = (): void => {
    const { draft, at, sent } = state.current;
    keepUnsent(place(), { draft, at, sent, from });
  };

  /** What is sent, under its key, until it is answered; then what was typed meanwhile. */
  const write = async (): Promise<void> => {
    const now = state.current;
    while (now.isDirty || now.sent !== null) {
      if (now.sent === null) {
        now.isDirty = false;
        const { zone, about } = now.options;
        const { channel, name } = about(now.draft);
        const body = { name, request: requestOf(now.draft, channel, zone), client: { ...now.draft } };
        now.sent = { key: crypto.randomUUID(), body };
        remember();
      }
      let answer: { id: number; revision: number };
      try {
        answer = await send(now.sent);
      } catch (thrown) {
        if (isInterrupted(thrown)) now.doubtful = canonical(now.sent.body.client);
        if (!isUnanswered(thrown)) now.sent = null;
        now.isDirty = true;
        remember();
        if (isProblem(thrown, 'DRAFT_CHANGED') && (await isOwn())) continue;
        setError(thrown);
        waitFor(thrown);
        throw thrown;
      }
      const { id, revision } = answer;
      const isNew = now.at === null;
      dropUnsent(place());
      Object.assign(now, { at: { id, revision }, sent: null, doubtful: null });
      setRevision(revision);
      setError(null);
      if (isNew && now.isThere) {
        now.options.onCreated(id);
        navigate(withQuery({ draft: String(id) }), { replace: true });
      }
      void queries.invalidateQueries({ queryKey: ['GET /v1/drafts'] });
    }
    setKept(true);
  };
  /** What was interrupted was done after all: it is no change of somebody else, and goes on from there. */
  const isOwn = async (): Promise<boolean> => {
    const { at, doubtful } = state.current;
    if (at === null || doubtful === null) return false;
    const theirs = await call(lang, 'GET /v1/drafts/{id}', { params: { id: at.id } });
    if (canonical(theirs.client) !== doubtful) return false;
    Object.assign(state.current, { at: { id: at.id, revision: theirs.revision }, doubtful: null });
    return true;
  };
  const send = async ({ key, body }: Sent): Promise<{ id: number; revision: number }> => {
    const { at, options } = state.current;
    return at === null
      ? await call(lang, 'POST /v1/drafts', { body: { appid: options.appid, ...body }, key })
      : await call(lang, 'PATCH /v1/drafts/{id}', {
          params: { id: at.id },
          body: { ...body, revision: at.revision },
          key,
        });
  };
  const flush = (): Promise<void> => {
    clearTimeout(state.current.timer);
    state.current.isWaiting = false;
    const writing = underWay.catch(() => {}).then(write);
    underWay = writing.catch(() => {});
    return writing;
  };
  const retry = (): void => void flush().catch(() => {}); // it is shown
  /** Goes on by itself: once the server answers anything again, somebody has signed in, or a moment later. */
  const waitFor = (thrown: unknown): void => {
    const now = state.current;
    const isSignedOut = isProblem(thrown) && thrown.status === 401;
    now.isWaiting = now.isThere && (isSignedOut || isUnanswered(thrown) || isInterrupted(thrown));
    if (now.isWaiting && !isSignedOut) now.timer = setTimeout(retry, retryMs);
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: when the page is left
  useEffect(() => {
    state.current.isThere = true;
    const forget = onConnection((what) => {
      if (what === 'reached' && state.current.isWaiting) retry();
    });
    // Who closes the tab now closes the only place that has it.
    const onLeave = (event: BeforeUnloadEvent): void => {
      if (state.current.isWaiting) event.preventDefault();
    };
    addEventListener('beforeunload', onLeave);
    return () => {
      forget();
      removeEventListener('beforeunload', onLeave);
      state.current.isThere = false;
      if (state.current.isDirty) retry();
    };
  }, []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what a reload left behind
  useEffect(() => {
    if (options.isReady && unsent !== null) retry();
  }, [options.isReady]);

  const change = (change: Partial<Draft>): void => {
    const next = { ...state.current.draft, ...change };
    Object.assign(state.current, { draft: next, isDirty: true });
    setDraft(next);
    setKept(false);
    remember();
    // The address named the template of the beginning; who comes back wants the one that was chosen.
    if (next.templateId !== options.templateId && options.templateId !== '')
      navigate(withQuery({ template: null }), { replace: true });
    clearTimeout(state.current.timer);
    // Another tab's word is not written over by the next key: somebody has to choose.
    if (isProblem(error, 'DRAFT_CHANGED')) return;
    // The first key makes the draft: whoever leaves a moment later and comes back finds it by its address.
    if (state.current.isBegun) state.current.timer = setTimeout(retry, restMs);
    else retry();
    state.current.isBegun = true;
  };
  const settled = async (): Promise<{ id: number; revision: number }> => {
    if (state.current.at === null) state.current.isDirty = true;
    await flush();
    const { at } = state.current;
    if (at === null) throw new Error('the draft was written');
    return at;
  };

  return {
    ...{ draft, isKept, error, change, settled, retry },
    planned:
      planned === null
        ? null
        : { campaign: planned.campaign, isCurrent: isKept && planned.revision === revision },
    async plan({ again } = { again: false }) {
      const { draft: now } = state.current;
      // Written before it is planned: whoever comes back knows which content the plan is of.
      if (now.checked !== fingerprint(now) || now.again !== again)
        change({ checked: fingerprint(now), again });
      const { id, revision } = await settled();
      // Without a key: the draft knows its plan, and under a key nobody would be asked about a push of yesterday to the same people.
      const answer = await call(lang, 'POST /v1/drafts/{id}/plan', {
        params: { id },
        body: { revision, again },
      });
      setPlanned({ campaign: answer.campaign.id, state: answer.campaign.state, revision });
      return answer.warnings;
    },
    overwrite() {
      const now = state.current;
      const again = async (): Promise<void> => {
        if (now.at === null) return;
        const { id } = now.at;
        const { revision } = await call(lang, 'GET /v1/drafts/{id}', { params: { id } });
        Object.assign(now, { at: { id, revision }, sent: null, isDirty: true });
        await flush();
      };
      again().catch((thrown: unknown) => setError(thrown));
    },
    takeTheirs() {
      dropUnsent(place());
      location.reload();
    },
  };
}
