import type { Break } from './break.ts';

const test = 'test/contract/stream.test.ts';

export const streamBreaks: Break[] = [
  {
    what: 'one caller does not take all streams of a node',
    file: 'src/server/stream/hub.ts',
    find: "return own >= this.#most.one ? 'own' : null;",
    replace: 'return null;',
    test,
    name: 'one caller has so many streams',
  },
  {
    what: 'what was begun before and committed later is told',
    file: 'src/store/stream/log.ts',
    find: 'and tx < pg_snapshot_xmin(pg_current_snapshot())\n',
    replace: '\n',
    test,
    name: 'what was begun before',
  },
  {
    what: 'a stream is told of its accounts only',
    file: 'src/server/stream/view.ts',
    find: "accounts === 'all' || accounts.has(appid)",
    replace: "accounts === 'all' || appid !== ''",
    test,
    name: 'nobody is told of what they may not read',
  },
  {
    what: 'a topic wants its permission',
    file: 'src/app/stream.ts',
    find: "campaigns: 'campaign.read'",
    replace: "campaigns: 'event.read'",
    test,
    name: 'nobody is told of what they may not read',
  },
  {
    what: 'a stream ends with its key',
    file: 'src/server/stream/hub.ts',
    find: 'if (!(await stream.mayGoOn())) return',
    replace: 'if (false) return',
    test,
    name: 'a heartbeat keeps it open',
  },
  {
    what: 'a reader that does not read is sent nothing',
    file: 'src/server/stream/hub.ts',
    find: 'if (stream.isFull) stream.isBehind = true;',
    replace: 'if (false) stream.isBehind = true;',
    test,
    name: 'a reader that does not read',
  },
  {
    what: 'whoever was away for too long is told of a gap',
    file: 'src/store/stream/log.ts',
    find: ' || after.at < at - streamKeptMs',
    replace: '',
    test,
    name: 'whoever was away for too long',
  },
  {
    what: 'open streams do not hold up the end of a node',
    file: 'src/server/api/api.ts',
    find: "app.addHook('preClose', () => hub.close());",
    replace: '',
    test,
    name: 'a stream goes on where it ended',
  },
  {
    what: 'streams that begin in one round share what they are told only if they may see the same',
    file: 'src/server/stream/hub.ts',
    find: '{stream.view.id}|',
    replace: "{''}|",
    test,
    name: 'many that come at once',
  },
];
