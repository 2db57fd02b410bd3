import {
  addFilter,
  countFilter,
  editFilter,
  type Filter,
  listFilterContacts,
  listFilters,
  removeFilter,
  showFilter,
} from '../../../app/audience/filters.ts';
import type { filtersRoutes } from '../../../contract/audience/filters.ts';
import { type Handlers, via } from '../../register.ts';
import { contactOf } from './contacts.ts';

/** Saved filters over contacts. */
export const filtersHandlers: Handlers<typeof filtersRoutes> = {
  'GET /v1/accounts/{appid}/filters': via(
    listFilters,
    ({ params, query }) => ({ ...params, ...query }),
    ({ data, next }) => ({ data: data.map(filterOf), next }),
  ),
  'POST /v1/accounts/{appid}/filters': via(
    addFilter,
    ({ params, body }) => ({ ...params, ...body }),
    filterOf,
  ),
  'POST /v1/accounts/{appid}/filters/count': via(
    countFilter,
    ({ params, body }) => ({ ...params, ...body }),
    ({ first, ...counts }) => ({ ...counts, first: first.map(contactOf) }),
  ),
  'GET /v1/accounts/{appid}/filters/{id}': via(showFilter, ({ params }) => params, filterOf),
  'GET /v1/accounts/{appid}/filters/{id}/contacts': via(
    listFilterContacts,
    ({ params, query }) => ({ ...params, ...query }),
    ({ data, next }) => ({ data: data.map(contactOf), next }),
  ),
  'PATCH /v1/accounts/{appid}/filters/{id}': via(
    editFilter,
    ({ params, body }) => ({ ...params, ...body }),
    filterOf,
  ),
  'DELETE /v1/accounts/{appid}/filters/{id}': via(
    removeFilter,
    ({ params }) => params,
    () => undefined,
  ),
};

function filterOf({ createdAt, changedAt, ...filter }: Filter) {
  return { ...filter, createdAt: createdAt.toISOString(), changedAt: changedAt.toISOString() };
}
