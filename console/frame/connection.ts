import { useEffect, useState } from 'react';
import { onConnection, type Reached } from '../parts/call.ts';
import { useLiveState } from '../parts/live.ts';

interface Lost {
  /** The time of the last answer that was one. */
  since: Date;
  what: Extract<Reached, 'unreachable' | 'databaseAway'>;
}

/** Since when the server cannot be reached, or its database does not answer; null while all is well. */
export function useLost(): Lost | null {
  const [lost, setLost] = useState<Lost | null>(null);
  useEffect(() => {
    let reachedAt = new Date();
    return onConnection((what) => {
      if (what === 'unreachable' || what === 'databaseAway')
        setLost((before) => (before?.what === what ? before : { since: before?.since ?? reachedAt, what }));
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
