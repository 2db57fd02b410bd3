/**
 * Makes a machine that is never busy look like one that is: now and then what a socket has read, and a request that a server has
 * got, is passed on late, in order for each, and the event loop stands still. What one process knows before another one, and which
 * of two things that were begun together is over first, changes all the time, and a test that counts on either fails.
 *
 * `npm run test:again -- --late 0.03 FILE …`, or for all: `NODE_OPTIONS="--import $PWD/test/support/house/late.js" npm test`.
 * Plain JavaScript, since npm, which some tests call, may run on a Node.js that takes nothing else. Three tests are right to fail:
 * of bytes that lie unread in a connection, of an answer that came while the loop was blocked, and of the rate within one second.
 */
import { Server } from 'node:http';
import { Socket } from 'node:net';

/** Of all reads; a request is late five times as often. */
const share = Number(process.env.TEST_LATE_SHARE ?? 0.03);
const mostMs = Number(process.env.TEST_LATE_MS ?? 500);

/** @type {WeakMap<Socket, [chunk: unknown, encoding: unknown][]>} */
const kept = new WeakMap();
const { push } = Socket.prototype;
Socket.prototype.push = function (chunk, encoding) {
  const before = kept.get(this);
  if (before !== undefined) return before.push([chunk, encoding]) > 0;
  if (chunk === null || Math.random() >= share) return push.call(this, chunk, encoding);
  const late = [[chunk, encoding]];
  kept.set(this, late);
  setTimeout(
    () => {
      kept.delete(this);
      for (const [chunk, encoding] of late) if (!this.destroyed) push.call(this, chunk, encoding);
    },
    Math.random() ** 2 * mostMs,
  );
  return true;
};

const { emit } = Server.prototype;
Server.prototype.emit = function (event, ...given) {
  if (event !== 'request' || Math.random() >= 5 * share) return emit.call(this, event, ...given);
  setTimeout(() => emit.call(this, event, ...given), Math.random() ** 2 * mostMs);
  return true;
};

const nothing = new Int32Array(new SharedArrayBuffer(4));
const standStill = () => {
  Atomics.wait(nothing, 0, 0, Math.random() ** 3 * mostMs);
  setTimeout(standStill, 200 + Math.random() * 4_000).unref();
};
setTimeout(standStill, 1_000).unref();
