import { useEffect, useState } from 'react';
import { onConnection } from '../parts/call.ts';

/** Since when the server cannot be reached: the time of the last answer; null while it can. */
export function useLostSince(): Date | null {
  const [lost, setLost] = useState<Date | null>(null);
  useEffect(() => {
    let reachedAt = new Date();
    return onConnection((what) => {
      if (what === 'unreachable') setLost((before) => before ?? reachedAt);
      else {
        reachedAt = new Date();
        setLost(null);
      }
    });
  }, []);
  return lost;
}
