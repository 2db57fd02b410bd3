import { z } from 'zod';
import { failure } from '../../base/errors.ts';
import type { WechatCall } from './call.ts';
import { count, name } from './shapes.ts';

/** Kinds of temporary media. Mini Programs can upload images only. */
export type MediaType = 'image' | 'voice' | 'video' | 'thumb';

/** What WeChat takes; a voice is also limited to 60 seconds. The page says 2 MB and 10 MB for images: 10 here. */
export const mediaLimits: Readonly<Record<MediaType, { maxBytes: number; extensions: readonly string[] }>> = {
  image: { maxBytes: 10 * 1024 * 1024, extensions: ['png', 'jpeg', 'jpg', 'gif'] },
  voice: { maxBytes: 2 * 1024 * 1024, extensions: ['amr', 'mp3'] },
  video: { maxBytes: 10 * 1024 * 1024, extensions: ['mp4'] },
  thumb: { maxBytes: 64 * 1024, extensions: ['jpg', 'jpeg'] },
};

const contentTypes: Readonly<Record<string, string>> = {
  png: 'image/png',
  jpeg: 'image/jpeg',
  jpg: 'image/jpeg',
  gif: 'image/gif',
  amr: 'audio/amr',
  mp3: 'audio/mpeg',
  mp4: 'video/mp4',
};

/** An uploaded file. Gone after 3 days (then 40007); usable any number of times until then. */
export interface UploadedMedia {
  type: MediaType;
  media_id: string;
  /** Unix seconds. */
  created_at: number;
}

/** Temporary media 临时素材, as customer-service messages and mass sends name them. */
export interface MediaCalls {
  /**
   * Uploads a file. Only the ending of `filename` is used, to tell the format.
   *
   * Throws `WECHAT_MEDIA_TOO_LARGE` and `WECHAT_MEDIA_FORMAT` before the call (see `mediaLimits`).
   *
   * @see https://developers.weixin.qq.com/doc/service/api/material/temporary/api_uploadtempmedia
   */
  upload(type: MediaType, file: { filename: string; bytes: Uint8Array<ArrayBuffer> }): Promise<UploadedMedia>;
  /**
   * Where a video that was uploaded can be fetched. Other kinds are answered as the file itself, which a call
   * that expects JSON reports as `WECHAT_NO_ANSWER`.
   *
   * @see https://developers.weixin.qq.com/doc/offiaccount/Asset_Management/Get_temporary_materials.html
   */
  videoUrl(mediaId: string): Promise<string>;
}

const uploaded = z
  .looseObject({
    type: z.enum(['image', 'voice', 'video', 'thumb']),
    created_at: count,
    media_id: name.exactOptional(),
    // A thumbnail's id comes under a name of its own.
    thumb_media_id: name.exactOptional(),
  })
  .transform((answer, context) => {
    const id = answer.media_id ?? answer.thumb_media_id;
    if (id !== undefined) return { type: answer.type, media_id: id, created_at: answer.created_at };
    context.addIssue({ code: 'custom', path: ['media_id'], message: 'missing' });
    return z.NEVER;
  });
const video = z.looseObject({ video_url: name });

export function mediaCalls(call: WechatCall): MediaCalls {
  return {
    async upload(type, { filename, bytes }) {
      const { maxBytes, extensions } = mediaLimits[type];
      const extension = /\.([A-Za-z0-9]+)$/.exec(filename)?.[1]?.toLowerCase() ?? '';
      if (!extensions.includes(extension)) {
        throw failure(
          'WECHAT_MEDIA_FORMAT',
          { type, extension, extensions },
          { details: { type, extension } },
        );
      }
      if (bytes.byteLength > maxBytes) {
        const sizes = { type, bytes: bytes.byteLength, maxBytes };
        throw failure('WECHAT_MEDIA_TOO_LARGE', sizes, { details: sizes });
      }
      const form = new FormData();
      // Names with Chinese or quotes have made WeChat see no file (41005): it gets a plain one.
      form.set('media', new Blob([bytes], { type: contentTypes[extension] ?? '' }), `media.${extension}`);
      return await call(
        { method: 'POST', path: '/cgi-bin/media/upload', query: { type }, form, timeoutMs: 60_000 },
        uploaded,
      );
    },
    async videoUrl(mediaId) {
      const path = '/cgi-bin/media/get';
      return (await call({ method: 'GET', path, query: { media_id: mediaId } }, video)).video_url;
    },
  };
}
