import type { AccountKind } from '../../wechat/channels.ts';
import type { WechatClient } from '../../wechat/client.ts';
import { WechatError } from '../../wechat/error.ts';

/** `oa`: an Official Account of any kind; `template-oa`: one with template messages, so a service account or a sandbox one. */
export type SeenKind = 'oa' | 'template-oa' | 'miniprogram';

/**
 * What the account's own APIs say that it is, if that cannot be `kind`; null where they agree or do not tell.
 *
 * WeChat has no call that names the kind. Tags exist on Official Accounts alone; the categories of subscribe templates
 * exist on both, but an Official Account that is verified and has them has tags; industries come with template messages.
 * A refusal proves little by itself: an account that is not verified is refused nearly everything.
 */
export async function contradictingKind(client: WechatClient, kind: AccountKind): Promise<SeenKind | null> {
  const hasTags = await isGranted(() => client.tags.list());
  if (kind === 'miniprogram') return hasTags === true ? 'oa' : null;
  if (hasTags === false)
    return (await isGranted(() => client.subscribeTemplates.categories())) === true ? 'miniprogram' : null;
  if (kind !== 'official') return null;
  return (await isGranted(() => client.oaTemplates.industry())) === true ? 'template-oa' : null;
}

/** Null: the answer is about something else, such as a quota that is used up. */
async function isGranted(call: () => Promise<unknown>): Promise<boolean | null> {
  try {
    await call();
    return true;
  } catch (error) {
    return error instanceof WechatError && error.errcode === 48001 ? false : null;
  }
}
