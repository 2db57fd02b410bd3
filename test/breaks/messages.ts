import type { Break } from './break.ts';

export const messageBreaks: Break[] = [
  {
    what: 'facts that come during a write are written',
    file: 'src/engine/messages/facts.ts',
    find: 'else if (this.#facts.length > 0) this.#timer ??= setTimeout(() => this.#write(), groupMs);',
    replace: '',
    test: 'src/engine/messages/facts.test.ts',
    name: 'a fact that comes during a write is written after it',
  },
  {
    what: 'a Mini Program link needs both parts',
    file: 'src/engine/message/build-message.ts',
    find: 'if ((parts.mpAppid === undefined) !== (parts.mpPath === undefined)) {',
    replace: 'if (parts.mpAppid !== undefined && parts.mpPath === undefined) {',
    test: 'src/engine/message/build-message.test.ts',
  },
  {
    what: 'no takeover of single messages right after a database pause',
    file: 'src/engine/messages/message-delivery.ts',
    find: 'if (lease.heldMs < leaseMs / 2) return;',
    replace: '',
    test: 'test/node-lease.test.ts',
    name: 'a node that has only just got its lease takes nothing over',
  },
  {
    what: 'a lease that was lost meanwhile was not held without a gap',
    file: 'src/engine/node-lease.ts',
    find: 'if (isOver(this.#deadline, now)) this.#heldSince = now.monotonic;',
    replace: '',
    test: 'test/node-lease.test.ts',
    name: 'how long a lease was held begins again after a gap',
  },
  {
    what: 'the wall clock guards the lease of a node whose machine slept',
    file: 'src/engine/node-lease.ts',
    find: 'return epoch === this.#epoch && !isOver(this.#deadline, momentOf(clock));',
    replace: 'return epoch === this.#epoch && clock.monotonic() < this.#deadline.monotonic;',
    test: 'test/node-lease.test.ts',
    name: 'a lease ends before the database’s, by whichever clock says so first',
  },
  {
    what: 'sleep while the database answered is taken off the lease',
    file: 'src/engine/node-lease.ts',
    find: 'this.#deadline = shifted(askedAt, leaseMs * (1 - reserveShare));',
    replace: 'this.#deadline = shifted({ ...askedAt, wall: clock.now() }, leaseMs * (1 - reserveShare));',
    test: 'test/node-lease.test.ts',
    name: 'what the database’s answer took is taken off the lease',
  },
];
