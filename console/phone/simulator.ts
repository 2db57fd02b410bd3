import { useEffect, useState } from 'react';
import type { Phone } from '../../src/simulator/index.ts';

const base = '/_simulator';

/** One call of the simulator's own API; throws with its words. */
async function call<T>(
  path: string,
  body?: unknown,
  method = body === undefined ? 'GET' : 'POST',
): Promise<T> {
  const answer = await fetch(base + path, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const found = await answer.json();
  if (!answer.ok) throw new Error(found.message);
  return found as T; // the simulator's own answer, whose shape its types tell
}

export const simulator = {
  people: (openid: string) =>
    call<{ index: number; appid: string }>(`/people?openid=${encodeURIComponent(openid)}`),
  faults: () => call<{ faults: { kind: number | string; rate?: number }[] }>('/faults'),
  addFault: (rule: object) => call<object>('/faults', rule),
  clearFaults: () => call<object>('/faults', undefined, 'DELETE'),
  advance: (advanceMs: number) => call<object>('/clock', { advanceMs }),
  /** One of the actions of an account, as docs/simulator.md lists them. */
  act: <T = object>(appid: string, action: string, body: object) =>
    call<T>(`/accounts/${appid}/${action}`, body),
};

/** One person's phone, live. `isLost` while the simulator does not answer; the last picture stays. */
export function usePhone(index: number): { phone: Phone | null; isLost: boolean } {
  const [phone, setPhone] = useState<Phone | null>(null);
  const [isLost, setLost] = useState(false);
  useEffect(() => {
    const source = new EventSource(`${base}/people/${index}/live`);
    source.onmessage = ({ data }) => {
      setLost(false);
      setPhone(JSON.parse(data) as Phone); // written by the simulator's phoneOf
    };
    source.onerror = () => setLost(true);
    return () => source.close();
  }, [index]);
  return { phone, isLost };
}
