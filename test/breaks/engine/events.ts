import type { Break } from '../break.ts';

export const eventsBreaks: Break[] = [
  {
    what: 'an event of which a webhook is still to be told is not removed',
    file: 'src/store/events/event-removal.ts',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the text of a template
    find: 'and (pending is null or tries >= ${maxEffectTries})',
    replace: '',
    test: 'test/callback/retention.test.ts',
  },
  {
    what: 'a partition with events of which a webhook is still to be told is not dropped',
    file: 'src/store/database/range-partitions.ts',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the text of a template
    find: 'where ${owed} limit 1',
    replace: 'where false limit 1',
    test: 'test/callback/retention.test.ts',
  },
  {
    what: 'a push that is older than its account keeps is not taken',
    file: 'src/store/events/event-terms.ts',
    find: 'own.get(appid) ?? installation',
    replace: 'installation',
    test: 'test/callback/retention.test.ts',
  },
  {
    what: 'an event that no database can store keeps no other from being stored',
    file: 'src/engine/events/take-events.ts',
    find: 'else if (group.length > 1) {',
    replace: 'else if (group.length > 1e9) {',
    test: 'test/callback/durability.test.ts',
    name: 'an event that the database refuses is refused alone',
  },
  {
    what: 'too many events that wait are refused at once',
    file: 'src/engine/events/take-events.ts',
    find: 'if (this.#waiting.length >= maxWaiting || this.#waitingBytes + bytes > maxWaitingBytes) {',
    replace: 'if (false) {',
    test: 'test/callback/durability.test.ts',
    name: 'more than the database takes is refused at once',
  },
  {
    what: 'U+0000 in an event is replaced',
    file: 'src/engine/events/storable.ts',
    find: "text.toWellFormed().replaceAll('\\0', '\\ufffd')",
    replace: 'text.toWellFormed()',
    test: 'test/callback/unreadable.test.ts',
  },
  {
    what: 'the next page of events goes on where the last one ended',
    file: 'src/app/events.ts',
    find: 'given === null ? null : parseEventId(given)',
    replace: 'given === null ? null : null',
    test: 'test/contract/events.test.ts',
  },
  {
    what: 'an effect that is not tried again is said to be given up',
    file: 'src/app/events.ts',
    find: "tries >= maxEffectTries ? 'given-up' : 'pending'",
    replace: "tries > maxEffectTries ? 'given-up' : 'pending'",
    test: 'test/contract/events.test.ts',
    name: 'shows one raw, and what it did',
  },
  {
    what: 'what came in the first moment of a day or month goes like the rest',
    file: 'src/store/events/event-removal.ts',
    find: 'created_at >= $3',
    replace: 'created_at > $3',
    test: 'test/callback/retention.test.ts',
    name: 'an account keeps its events',
  },
];
