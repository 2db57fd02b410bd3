import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { CreditEntry, CreditKind } from '../../store/credits/entries.ts';
import { foldCredits, sameTapMs } from './fold-credits.ts';

const start = Date.parse('2026-11-25T10:00:00Z');

function entry(kind: CreditKind, seconds: number, more: Partial<CreditEntry> = {}): CreditEntry {
  const plain = { delta: 0, sets: null as number | null };
  if (kind === 'report' || kind === 'popup') plain.delta = 1;
  if (kind === 'sent') plain.delta = -1;
  if (kind === 'refused' || kind === 'change') plain.sets = 0;
  return {
    openid: 'o',
    templateId: 't',
    key: `${kind}${seconds}`,
    kind,
    at: new Date(start + seconds * 1000),
    ...plain,
    ...more,
  };
}

const anyEntry = fc
  .record({
    kind: fc.constantFrom<CreditKind[]>(
      'report',
      'popup',
      'popup-reject',
      'import',
      'sent',
      'refused',
      'change',
    ),
    seconds: fc.integer({ min: 0, max: 600 }),
    sets: fc.integer({ min: 0, max: 4 }),
  })
  .map(({ kind, seconds, sets }) => entry(kind, seconds, kind === 'import' ? { sets } : {}));
const anyEntries = fc.array(anyEntry, { maxLength: 24 });

test('what was never told is unknown, also after messages were sent', () => {
  assert.equal(foldCredits([]).known, false);
  assert.equal(foldCredits([entry('sent', 1), entry('popup-reject', 2)]).known, false);
});

test('each accept is one credit, and each accepted message takes one', () => {
  const folded = foldCredits([entry('report', 0), entry('report', 1), entry('sent', 2)]);
  assert.deepEqual([folded.known, folded.balance], [true, 1]);
});

test('a popup event and a report of one tap count once, and happened at the earlier of the two', () => {
  assert.equal(foldCredits([entry('report', 5), entry('popup', 0)]).balance, 1);
  // Sent between the two: the credit was there, and is gone.
  assert.equal(foldCredits([entry('popup', 0), entry('sent', 2), entry('report', 5)]).balance, 0);
  assert.equal(foldCredits([entry('popup', 0), entry('report', sameTapMs / 1000 + 1)]).balance, 2);
});

test('as many taps as the larger of the two told of, when every one was told of by both or by one', () => {
  // Silent grants raise no popup event: three reports, one event.
  const silent = [entry('report', 0), entry('report', 20), entry('report', 40), entry('popup', 40)];
  assert.equal(foldCredits(silent).balance, 3);
  // An app that reports nothing: the events are all there is.
  assert.equal(foldCredits([entry('popup', 0), entry('popup', 20)]).balance, 2);
  // Nearest first would pair the first event with the second report and count three.
  const chain = [entry('report', 0), entry('popup', 40), entry('report', 75), entry('popup', 130)];
  assert.equal(foldCredits(chain).balance, 2);
});

test('43101 and the settings wipe what came before, and nothing that came after', () => {
  for (const kind of ['refused', 'change'] as const) {
    assert.equal(foldCredits([entry('report', 0), entry(kind, 5)]).balance, 0);
    assert.equal(foldCredits([entry(kind, 5), entry('report', 6), entry('report', 0)]).balance, 1);
    // The dialog's events have whole seconds only: one of the same second may be newer, and is kept.
    assert.equal(foldCredits([entry('popup', 5), entry(kind, 5)]).balance, 1);
    assert.equal(foldCredits([entry(kind, 5)]).known, true);
  }
});

test('a message that nobody had told us a credit for does not eat the next one', () => {
  assert.equal(foldCredits([entry('sent', 0), entry('report', 5)]).balance, 1);
  assert.equal(foldCredits([entry('refused', 0), entry('sent', 1), entry('report', 5)]).balance, 1);
});

test('an import says what the balance was, whatever came before', () => {
  const folded = foldCredits([entry('report', 0), entry('import', 5, { sets: 3 }), entry('sent', 6)]);
  assert.equal(folded.balance, 2);
});

test('property: the order in which things are heard of does not matter', () => {
  fc.assert(
    fc.property(anyEntries, fc.infiniteStream(fc.nat()), (entries, random) => {
      const shuffled = [...entries];
      for (let i = shuffled.length - 1; i > 0; i--) {
        const j = (random.next().value ?? 0) % (i + 1);
        [shuffled[i], shuffled[j]] = [shuffled[j] as CreditEntry, shuffled[i] as CreditEntry];
      }
      assert.deepEqual(foldCredits(shuffled), foldCredits(entries));
    }),
    { numRuns: 2_000 },
  );
});

test('property: never below 0, never more than was told, and a tap is at most one credit', () => {
  fc.assert(
    fc.property(anyEntries, (entries) => {
      const { balance, known } = foldCredits(entries);
      const accepts = entries.filter((one) => one.delta > 0);
      const most = Math.max(0, ...entries.map((one) => one.sets ?? 0)) + accepts.length;
      assert.ok(balance >= 0 && balance <= most);
      assert.equal(known, accepts.length > 0 || entries.some((one) => one.sets !== null));
      // The same tap told of once more makes at most one credit of it, and takes none away.
      for (const kind of ['popup', 'report'] as const) {
        const more = foldCredits([...accepts, entry(kind, entries.length * 7)]).balance;
        assert.ok([0, 1].includes(more - foldCredits(accepts).balance));
      }
    }),
    { numRuns: 2_000 },
  );
});

test('property: a tap that both tell of counts like one that the report alone tells of', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.record({ gap: fc.integer({ min: 130, max: 400 }), late: fc.integer({ min: 0, max: 60 }) }),
        {
          maxLength: 8,
        },
      ),
      (taps) => {
        let at = 0;
        const both: CreditEntry[] = [];
        const reports: CreditEntry[] = [];
        for (const { gap, late } of taps) {
          at += gap;
          reports.push(entry('report', at + late));
          both.push(entry('popup', at), entry('report', at + late));
        }
        assert.equal(foldCredits(both).balance, foldCredits(reports).balance);
      },
    ),
  );
});

test('within one moment what sets the balance comes first, then accepts, then sends, however they are listed', () => {
  const moment = [entry('import', 0, { sets: 2 }), entry('report', 0), entry('sent', 0)];
  for (const entries of [moment, moment.toReversed()]) assert.equal(foldCredits(entries).balance, 2);
  const emptied = [entry('sent', 0), entry('report', 0)];
  for (const entries of [emptied, emptied.toReversed()]) assert.equal(foldCredits(entries).balance, 0);
});

test('of two that set the balance at one moment the smaller counts, whichever was heard of first', () => {
  const both = [entry('import', 0, { sets: 3 }), entry('import', 0, { sets: 1, key: 'other' })];
  for (const entries of [both, both.toReversed()]) assert.equal(foldCredits(entries).balance, 1);
});

test('a balance is known since the first that told of one, and set when it was last set', () => {
  const folded = foldCredits([
    entry('sent', 1),
    entry('report', 2),
    entry('report', 200),
    entry('refused', 300),
  ]);
  assert.deepEqual(folded.knownSince, new Date(start + 2_000));
  assert.deepEqual(folded.setAt, new Date(start + 300_000));
  assert.deepEqual(folded.lastAt, new Date(start + 300_000));
  assert.equal(foldCredits([entry('report', 2)]).setAt, null);
});

test('a tap happened at the earlier of what tells of it, also when that is the report', () => {
  assert.equal(foldCredits([entry('report', 0), entry('sent', 2), entry('popup', 5)]).balance, 0);
});
