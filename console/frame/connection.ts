import { useEffect, useState } from 'react';
import { onConnection } from '../parts/call.ts';
import { useLiveState } from '../parts/live.ts';

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

/** A server that restarts is back before that. */
const patienceMs = 5_000;

/** Whether the stream has been down for longer than a moment. */
export function useNotLive(): boolean {
  const state = useLiveState();
  const [isLong, setLong] = useState(false);
  const isDown = state === 'down';
  useEffect(() => {
    if (!isDown) return setLong(false);
    const timer = setTimeout(() => setLong(true), patienceMs);
    return () => clearTimeout(timer);
  }, [isDown]);
  return isLong;
}
