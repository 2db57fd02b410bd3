/** What is asked for, by number. */
import { benchAppid, benchTemplateId } from '../bench-campaign.ts';

export type Kind =
  | { name: 'message' }
  /** So many messages in each. */
  | { name: 'batch'; size: number }
  /** A path for each, in turn. */
  | { name: 'get'; paths: string[] };

export interface Request {
  method: 'GET' | 'POST';
  path: string;
  body: string | null;
}

interface Requests {
  requests: Request[];
  /** Of an answer as it should be. */
  status: number;
  /** How much an answer holds. */
  countOf: ((text: string) => number) | null;
}

/** As an order system asks: the whole body of WeChat's, the caller's own number, and a key with which it may be repeated. */
function message(no: number): Record<string, unknown> {
  return {
    channel: 'template',
    touser: `oBench${String(no % 1_000_000).padStart(22, '0')}`,
    template_id: benchTemplateId,
    url: `https://example.com/orders/${no}`,
    data: {
      keyword1: { value: '发货通知' },
      keyword2: { value: `您的订单 DD${no} 已发货` },
      keyword3: { value: '2026-11-22 08:00' },
    },
    ref: `DD${no}`,
    key: `shipped-${no}`,
  };
}

export function requestsOf(kind: Kind, first: number, count: number): Requests {
  const each = (make: (no: number) => Request): Request[] =>
    Array.from({ length: count }, (_, i) => make(first + i));
  switch (kind.name) {
    case 'message':
      return {
        requests: each((no) => ({
          ...{ method: 'POST', path: '/v1/messages' },
          body: JSON.stringify({ appid: benchAppid, ...message(no) }),
        })),
        ...{ status: 202, countOf: null },
      };
    case 'batch':
      return {
        requests: each((no) => ({
          ...{ method: 'POST', path: '/v1/messages/batch' },
          body: JSON.stringify({
            ...{ appid: benchAppid, mode: 'all' },
            messages: Array.from({ length: kind.size }, (_, i) => message(no * kind.size + i)),
          }),
        })),
        // Its shape is the contract's.
        ...{ status: 202, countOf: (text) => (JSON.parse(text) as { stored: number }).stored },
      };
    case 'get':
      return {
        requests: each((no) => ({
          ...{ method: 'GET', path: kind.paths[no % kind.paths.length]!, body: null }, // the remainder is one of them
        })),
        ...{ status: 200, countOf: foundIn },
      };
  }
}

/** Of a list, its length; else 1. */
function foundIn(text: string): number {
  // Lists are the only answers with this field.
  const { data } = JSON.parse(text) as { data?: unknown[] };
  return data === undefined ? 1 : data.length;
}
