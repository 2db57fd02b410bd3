import type { Break } from './break.ts';

export const creditsBreaks: Break[] = [
  {
    what: 'a balance never falls below 0',
    file: 'src/engine/credits/fold-credits.ts',
    find: 'Math.max(0, balance + step.delta)',
    replace: 'balance + step.delta',
    test: 'src/engine/credits/fold-credits.test.ts',
  },
  {
    what: 'a popup and a report far from each other are two taps',
    file: 'src/engine/credits/fold-credits.ts',
    find: '<= sameTapMs',
    replace: '<= 10 * sameTapMs',
    test: 'src/engine/credits/fold-credits.test.ts',
  },
  {
    what: 'within one moment what sets comes before what is sent',
    file: 'src/engine/credits/fold-credits.ts',
    find: 'a.at - b.at || a.order - b.order ||',
    replace: 'a.at - b.at ||',
    test: 'src/engine/credits/fold-credits.test.ts',
  },
  {
    what: 'of two that set a balance at one moment the smaller counts',
    file: 'src/engine/credits/fold-credits.ts',
    find: '(b.sets ?? 0) - (a.sets ?? 0)',
    replace: '(a.sets ?? 0) - (b.sets ?? 0)',
    test: 'src/engine/credits/fold-credits.test.ts',
  },
  {
    what: 'a balance is known since it was first known',
    file: 'src/engine/credits/fold-credits.ts',
    find: 'knownSince ??= step.at;',
    replace: 'knownSince = step.at;',
    test: 'src/engine/credits/fold-credits.test.ts',
  },
  {
    what: 'of one tap that two tell of the earlier time counts',
    file: 'src/engine/credits/fold-credits.ts',
    find: 'taps.push(Math.min(popup ?? Number.POSITIVE_INFINITY, report ?? Number.POSITIVE_INFINITY));',
    replace: 'taps.push(popup ?? report ?? 0);',
    test: 'src/engine/credits/fold-credits.test.ts',
  },
  {
    what: 'a report is counted once however often it comes',
    file: 'src/store/credits/entries.ts',
    find: '     on conflict do nothing returning openid, template_id as "templateId", key`',
    replace:
      '     on conflict (appid, openid, template_id, key) do update set at = excluded.at returning openid, template_id as "templateId", key`',
    test: 'test/credits/ledger.test.ts',
    name: 'two processes that get the same report',
  },
  {
    what: 'acceptWithAudio is a credit too',
    file: 'src/engine/credits/client-results.ts',
    find: "return choice.startsWith('accept');",
    replace: "return choice === 'accept';",
    test: 'test/credits/ledger.test.ts',
  },
  {
    what: 'a template that is named twice in a report is refused',
    file: 'src/engine/credits/client-results.ts',
    find: 'if (seen.has(templateId)) throw',
    replace: 'if (false) throw',
    test: 'src/engine/credits/client-results.test.ts',
  },
  {
    what: 'a refusal ends what older messages of unknown outcome hold',
    file: 'src/store/credits/entries.ts',
    find: "and r.held = 'unknown' and r.at < f.set_at",
    replace: "and r.held = 'unknown' and false",
    test: 'test/credits/ledger.test.ts',
    name: '43101 says that there is nothing',
  },
];
