import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import type { AnswerOf } from '../parts/api.ts';
import { call, isProblem } from '../parts/call.ts';
import { useLanguage } from '../parts/language.tsx';
import { navigate, withQuery } from '../parts/router.tsx';
import { type Draft, emptyDraft, fingerprint, requestOf } from './draft.ts';

export type Stored = AnswerOf<'GET /v1/drafts/{id}'>;

/** From the last key until it is sent to the server, ms. */
const restMs = 500;

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

function draftOf(stored: Stored | null, templateId: string, audience: Partial<Draft>): Draft {
  // As it was given to the server below.
  const before: Draft = { ...emptyDraft, ...audience, ...(stored?.client as Partial<Draft> | undefined) };
  return templateId === '' || templateId === before.templateId
    ? before
    : { ...before, templateId, values: {} };
}

export interface KeptDraft {
  draft: Draft;
  change(change: Partial<Draft>): void;
  /** The server has what is seen. */
  isKept: boolean;
  /** What kept it from being kept; `DRAFT_CHANGED`: somebody else, or another tab, was faster. */
  error: unknown;
  /** Throws away what is there on the server for what is seen here. */
  overwrite(): void;
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
  templateId: string;
  /** Of a new draft. */
  audience: Partial<Draft>;
  zone: string;
  /** The channel and name of the template that is chosen. */
  about(draft: Draft): { channel: string; name: string };
  onCreated(id: number): void;
}): KeptDraft {
  const { lang } = useLanguage();
  const queries = useQueryClient();
  const [draft, setDraft] = useState(() => draftOf(options.stored, options.templateId, options.audience));
  const [isKept, setKept] = useState(true);
  const [error, setError] = useState<unknown>(null);
  const [revision, setRevision] = useState(options.stored?.revision ?? 0);
  const [planned, setPlanned] = useState(options.stored?.planned ?? null);
  const state = useRef({
    draft,
    at: options.stored === null ? null : { id: options.stored.id, revision: options.stored.revision },
    isDirty: false,
    isBegun: options.stored !== null,
    timer: undefined as ReturnType<typeof setTimeout> | undefined,
    isThere: true,
    options,
  });
  state.current.options = options;

  const write = async (): Promise<void> => {
    const now = state.current;
    while (now.isDirty) {
      now.isDirty = false;
      const { appid, zone, about } = now.options;
      const { channel, name } = about(now.draft);
      const body = { name, request: requestOf(now.draft, channel, zone), client: { ...now.draft } };
      try {
        const { id, revision } =
          now.at === null
            ? await call(lang, 'POST /v1/drafts', { body: { appid, ...body }, key: crypto.randomUUID() })
            : await call(lang, 'PATCH /v1/drafts/{id}', {
                params: { id: now.at.id },
                body: { ...body, revision: now.at.revision },
              });
        const isNew = now.at === null;
        now.at = { id, revision };
        setRevision(revision);
        setError(null);
        if (isNew && now.isThere) {
          now.options.onCreated(id);
          navigate(withQuery({ draft: String(id) }), { replace: true });
        }
        void queries.invalidateQueries({ queryKey: ['GET /v1/drafts'] });
      } catch (thrown) {
        now.isDirty = true;
        setError(thrown);
        throw thrown;
      }
    }
    setKept(true);
  };
  const flush = (): Promise<void> => {
    clearTimeout(state.current.timer);
    const writing = underWay.catch(() => {}).then(write);
    underWay = writing.catch(() => {});
    return writing;
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: when the page is left
  useEffect(() => {
    state.current.isThere = true;
    return () => {
      state.current.isThere = false;
      if (state.current.isDirty) void flush().catch(() => {});
    };
  }, []);

  const change = (change: Partial<Draft>): void => {
    const next = { ...state.current.draft, ...change };
    Object.assign(state.current, { draft: next, isDirty: true });
    setDraft(next);
    setKept(false);
    clearTimeout(state.current.timer);
    // Another tab's word is not written over by the next key: somebody has to choose.
    if (isProblem(error, 'DRAFT_CHANGED')) return;
    // The first key makes the draft: whoever leaves a moment later and comes back finds it by its address.
    const send = (): void => void flush().catch(() => {}); // it is shown
    if (state.current.isBegun) state.current.timer = setTimeout(send, restMs);
    else send();
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
    ...{ draft, isKept, error, change, settled },
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
        now.at = { id, revision };
        now.isDirty = true;
        await flush();
      };
      again().catch((thrown: unknown) => setError(thrown));
    },
  };
}
