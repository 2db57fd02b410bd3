import type { Account } from '../parts/account.tsx';
import { useRead } from '../parts/api.ts';
import { type Filter, useFilterCount } from '../parts/audience/filter-dialog.tsx';
import { useMay } from '../parts/session.ts';
import { type Draft, listed } from './draft.ts';

/** One of the audience, with the values that the variables take for them. */
export interface Person {
  openid: string;
  values: Readonly<Record<string, string>>;
}

const most = 20;
const person = (openid: string): Person => ({ openid, values: { openid } });

/**
 * The first people of whoever is chosen, to look at the message as they read it; the columns of a file, null while unknown; and the
 * name of the file, filter or tag.
 */
export function useAudienceRows(
  { appid }: Account,
  draft: Draft,
  filters: readonly Filter[],
): { people: readonly Person[]; columns: readonly string[] | null; name: string | null } {
  const may = useMay();
  const isTag = draft.audience === 'tag' && draft.tag !== '';
  const tags = useRead('GET /v1/accounts/{appid}/tags', { params: { appid } }, { isOn: isTag });
  const isFile = draft.audience === 'upload' && draft.uploadId !== null;
  const upload = useRead('GET /v1/audiences/{id}', { params: { id: draft.uploadId ?? 0 } }, { isOn: isFile });
  const filter =
    draft.audience === 'filter' ? filters.find(({ id }) => String(id) === draft.filter) : undefined;
  const rules = filter !== undefined ? filter.rules : isTag ? { tags: [Number(draft.tag)] } : null;
  const isAll = draft.audience === 'all' && may('contact.read');
  const everybody = useRead('GET /v1/contacts', { query: { appid, limit: most } }, { isOn: isAll });
  const found = useFilterCount(appid, may('contact.read') ? rules : null);
  switch (draft.audience) {
    case 'upload':
      return {
        people: isFile
          ? (upload.data?.first ?? []).map(({ openid, values }) => ({
              openid,
              values: { openid, ...values },
            }))
          : [],
        columns: isFile ? (upload.data?.columns ?? null) : [],
        name: upload.data?.name ?? null,
      };
    case 'list':
      return { people: listed(draft.openids).slice(0, most).map(person), columns: [], name: null };
    case 'all':
      return {
        people: (everybody.data?.data ?? []).map(({ openid }) => person(openid)),
        columns: [],
        name: null,
      };
    case 'tag':
    case 'filter':
      return {
        people: rules === null ? [] : (found.data?.first ?? []).map(({ openid }) => person(openid)),
        columns: [],
        name: filter?.name ?? tags.data?.data.find(({ id }) => String(id) === draft.tag)?.name ?? null,
      };
  }
}
