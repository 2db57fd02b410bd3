import type { Break } from './break.ts';

export const consoleBreaks: Break[] = [
  {
    what: 'a campaign is sent by typing its number',
    file: 'console/campaigns/plan.tsx',
    find: "isDisabled={Number(typed.replaceAll(',', '')) !== planned || typed === ''}",
    replace: "isDisabled={typed === ''}",
    test: 'test/console/campaigns.test.ts',
    name: 'confirmed by typing the number',
  },
  {
    what: 'whoever may only look has nothing to press',
    file: 'console/parts/session.ts',
    find: 'permissions.includes(permission)',
    replace: 'permissions.length > 0 || permissions.includes(permission)',
    test: 'test/console/accounts.test.ts',
    name: 'whoever may only look has nothing to press',
  },
  {
    what: 'small text can be read on every ground',
    file: 'console/parts/tokens.css',
    find: '--ink-2: light-dark(#57606a,',
    replace: '--ink-2: light-dark(#87909a,',
    test: 'test/console/tokens.test.ts',
  },
  {
    what: 'a page weighs only what it brings on top of its entry',
    file: 'console/build/budget.ts',
    find: '.filter((file) => !initial.has(file));',
    replace: ';',
    test: 'test/console/budget.test.ts',
  },
];
