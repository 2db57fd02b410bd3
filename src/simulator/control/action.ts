import { z } from 'zod';
import { simulatorRule } from '../../texts/simulator-parts.ts';
import { parse } from '../resolve-options.ts';
import type { SimulatedAccount } from './simulated-account.ts';

/** One change that `POST /_simulator/accounts/APPID/<name>` makes; the result is the answer's body. */
export interface Action {
  run(account: SimulatedAccount, body: unknown): object | Promise<object>;
}

export function action<T>(
  schema: z.ZodType<T>,
  run: (account: SimulatedAccount, body: T) => object | Promise<object> | undefined,
): Action {
  return { run: (account, body) => run(account, parse(schema, body, 'request')) ?? { ok: true } };
}

/** Changes one person or several: `openid` or `openids`. */
export function people(change: (account: SimulatedAccount, openid: string) => void): Action {
  const schema = z
    .strictObject({ openid: z.string().optional(), openids: z.array(z.string()).optional() })
    .refine((body) => (body.openid === undefined) !== (body.openids === undefined), simulatorRule('openids'));
  return action(schema, (account, body) => {
    for (const one of body.openids ?? [body.openid as string]) change(account, one); // refined above
    return undefined;
  });
}
