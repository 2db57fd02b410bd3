import type { MediaType } from '../state/media-store.ts';
import { type Answer, type Failure, fail, isFailure } from './answers.ts';
import { filePart } from './multipart.ts';
import { type Call, queryValue, type Route } from './route.ts';

const kb = 1024;
const limits: Record<MediaType, { bytes: number; errcode: number; endings: readonly string[] }> = {
  image: { bytes: 10 * kb * kb, errcode: 40009, endings: ['bmp', 'png', 'jpeg', 'jpg', 'gif'] },
  voice: { bytes: 2 * kb * kb, errcode: 40010, endings: ['mp3', 'amr', 'wma', 'wav'] },
  video: { bytes: 10 * kb * kb, errcode: 40011, endings: ['mp4'] },
  thumb: { bytes: 64 * kb, errcode: 40012, endings: ['jpg', 'jpeg'] },
};

export const mediaRoutes: Route[] = [
  {
    path: '/cgi-bin/media/upload',
    method: 'POST',
    auth: 'token',
    body: 'raw',
    handle: upload,
  },
];

function upload(call: Call): Answer {
  const { account, query, raw, contentType, nowMs } = call;
  const type = mediaType(queryValue(query, 'type'), account.options.kind === 'miniprogram');
  if (isFailure(type)) return type;
  if (raw.length === 0) return fail(44002);
  const file = filePart(raw, contentType);
  if (file === undefined || file.bytes === 0) return fail(41005);
  const { bytes, errcode, endings } = limits[type.type];
  const ending = file.filename.split('.').pop()?.toLowerCase() ?? '';
  if (!endings.includes(ending)) return fail(40005);
  if (file.bytes > bytes) return fail(errcode);
  const id = account.media.add(type.type, file.bytes, nowMs);
  const key = type.type === 'thumb' ? 'thumb_media_id' : 'media_id';
  return `{"type":"${type.type}","${key}":"${id}","created_at":${Math.floor(nowMs / 1000)}}`;
}

/** Mini Programs upload images only. */
function mediaType(name: string | undefined, isMiniprogram: boolean): { type: MediaType } | Failure {
  if (name === 'image') return { type: name };
  if (!isMiniprogram && (name === 'voice' || name === 'video' || name === 'thumb')) return { type: name };
  return fail(40004);
}
