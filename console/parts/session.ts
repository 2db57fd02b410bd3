import { createContext, useContext } from 'react';
import type { Permission } from '../../src/contract/permissions.ts';
import type { AnswerOf } from './api.ts';

/** Who looks at the console. */
export type Me = AnswerOf<'GET /v1/me'>;

export const MeContext = createContext<Me | null>(null);

export function useMe(): Me {
  const me = useContext(MeContext);
  if (me === null) throw new Error('nobody is signed in here');
  return me;
}

/** Whether the person may do something, so that a page offers what will not be refused. The server asks again anyway. */
export function useMay(): (permission: Permission) => boolean {
  const { permissions } = useMe();
  return (permission) => permissions.includes(permission);
}
