import { failure } from '../../base/errors.ts';
import type { OpenidPage } from '../../wechat/calls/openid-pages.ts';
import type { TagCalls } from '../../wechat/calls/tags.ts';
import { WechatError } from '../../wechat/error.ts';

/** Of a tag's members by WeChat's own count; the two numbers are not of one moment. */
const mostMissingPercent = 5;
const fewMissing = 5;

/**
 * All followers with a tag, page by page; `seen` as in `OpenidPagesOptions`.
 *
 * A page says nothing of the whole list, so at its end it is compared with the number that WeChat gives for the tag: of a
 * list that ended too soon the rest would be forgotten, or messaged although they were to be left out.
 *
 * Throws `WECHAT_PAGES_SHORT` when over 5 % are missing.
 */
export async function* tagMembers(
  tags: TagCalls,
  tagId: number,
  { from, seen: seenBefore = 0, signal }: { from?: string; seen?: number; signal?: AbortSignal | undefined },
): AsyncGenerator<OpenidPage, void, undefined> {
  let seen = seenBefore;
  const options = { ...(from === undefined ? {} : { from }), ...(signal === undefined ? {} : { signal }) };
  for await (const page of tags.members(tagId, options)) {
    seen += page.openids.length;
    yield page;
  }
  const total = await membersOf(tags, tagId);
  const missing = total - seen;
  if (missing < fewMissing || missing * 100 <= total * mostMissingPercent) return;
  throw failure(
    'WECHAT_PAGES_SHORT/tag',
    { total, tagId: String(tagId), seen },
    { details: { tagId, total, seen } },
  );
}

/** By WeChat's count; 0 where it does not say: then there is nothing to compare with. */
async function membersOf(tags: TagCalls, tagId: number): Promise<number> {
  try {
    return (await tags.list()).find(({ id }) => id === tagId)?.count ?? 0;
  } catch (error) {
    if (error instanceof WechatError) return 0;
    throw error;
  }
}
