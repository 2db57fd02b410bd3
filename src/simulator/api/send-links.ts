import { type Failure, fail } from './answers.ts';
import { type Call, object } from './route.ts';

const appidForm = /^wx[0-9a-f]{16}$/;
/** A page inside a Mini Program: a path, optionally with a query; never a URL. */
const pagePath = /^\/?[\w\-./]+(?:\?.*)?$/;

/** `miniprogram` of OA messages: the Mini Program must be linked to the account, the path must be one. */
export function checkMiniprogram(call: Call, badPath: 40165 | 41030): Failure | undefined {
  const value = call.body.miniprogram;
  if (value === undefined || value === null) return undefined;
  const miniprogram = object(value);
  const appid = miniprogram?.appid;
  // An empty appid is how some clients say "none".
  if (miniprogram === undefined || appid === undefined || appid === '') return undefined;
  const { linkedMiniprograms } = call.account.options;
  const linked =
    typeof appid === 'string' &&
    (linkedMiniprograms === undefined ? appidForm.test(appid) : linkedMiniprograms.includes(appid));
  if (!linked) return fail(40013);
  const path = miniprogram.pagepath ?? miniprogram.path;
  if (path === undefined || path === '') return undefined;
  return typeof path === 'string' && pagePath.test(path) ? undefined : fail(badPath);
}

/** `page` of a Mini Program's own messages: must be a page of the released version. */
export function checkPage(call: Call): Failure | undefined {
  const page = call.body.page;
  if (page === undefined || page === null || page === '') return undefined;
  if (typeof page !== 'string' || !pagePath.test(page)) return fail(41030);
  const { pages } = call.account.options;
  if (pages === undefined) return undefined;
  const path = page.split('?', 1)[0]?.replace(/^\//, '') ?? '';
  return pages.includes(path) ? undefined : fail(41030);
}
