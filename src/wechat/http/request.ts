import type { WechatRequest } from '../calls/call.ts';

/** `?a=1&b=2`, without the keys that are undefined; '' when nothing is left. */
export function queryString(query: NonNullable<WechatRequest['query']>): string {
  let text = '';
  for (const [key, value] of Object.entries(query)) {
    if (value === undefined) continue;
    text += `${text === '' ? '?' : '&'}${encodeURIComponent(key)}=${encodeURIComponent(value)}`;
  }
  return text;
}

/**
 * multipart/form-data as one buffer: WeChat's upload endpoints want a Content-Length (a chunked body answers
 * 41005), and media are 10 MB at most.
 */
export async function encodeForm(form: FormData): Promise<{ body: Buffer; headers: string[] }> {
  const encoded = new Response(form);
  const body = Buffer.from(await encoded.arrayBuffer());
  return { body, headers: ['content-type', encoded.headers.get('content-type') ?? 'multipart/form-data'] };
}
