import type { Break } from '../break.ts';

export const holdsBreaks: Break[] = [
  {
    what: 'a held message is an outcome of its own, and not unknown',
    file: 'src/engine/sending/attempts.ts',
    find: 'held: factKind.inDoubt,',
    replace: 'held: factKind.unknown,',
    test: 'test/store/facts.test.ts',
  },
  {
    what: 'an entry of the list that may be about another message says nothing',
    file: 'src/engine/holds/judge-hold.ts',
    find: 'found.entries > 0 && found.entries >= found.rivals',
    replace: 'found.entries > 0',
    test: 'src/engine/holds/judge-hold.test.ts',
  },
  {
    what: 'that one attempt was blocked says nothing of another that may have arrived',
    file: 'src/engine/holds/judge-hold.ts',
    find: "hold.maybeArrived ? 'unknown' : 'blocked'",
    replace: "'blocked'",
    test: 'src/engine/holds/judge-hold.test.ts',
  },
  {
    what: 'nobody is unknown before the review is over',
    file: 'src/engine/holds/judge-hold.ts',
    find: 'if (hold.ageMs < reviewMs) return null;',
    replace: '',
    test: 'src/engine/holds/judge-hold.test.ts',
  },
  {
    what: 'a list that cannot be read is not waited for for ever',
    file: 'src/engine/holds/judge-hold.ts',
    find: ' || hold.ageMs >= giveUpMs',
    replace: '',
    test: 'src/engine/holds/judge-hold.test.ts',
  },
  {
    what: 'an entry counts only near the time of our send',
    file: 'src/engine/holds/judge-hold.ts',
    find: 'Math.abs(time - at) * 1000 <= withinMs',
    replace: 'withinMs > 0',
    test: 'src/engine/holds/judge-hold.test.ts',
  },
  {
    what: 'a chunk is counted again when its holds end',
    file: 'src/store/campaigns/holds.ts',
    find: `    await recountLocked(client, campaignId, firstNo);
    return ended.rowCount ?? 0;`,
    replace: '    return ended.rowCount ?? 0;',
    test: 'test/held/campaign.test.ts',
    name: 'a held message that WeChat blocks is rejected as intercepted',
  },
];
