import type { Break } from './break.ts';

export const cliBreaks: Break[] = [
  {
    what: 'the answer No sends nothing',
    file: 'src/cli/ask.ts',
    find: 'return !isCancel(answer) && answer;',
    replace: 'return !isCancel(answer);',
    test: 'src/cli/ask.test.ts',
  },
  {
    what: 'ctrl-C at a question is no',
    file: 'src/cli/ask.ts',
    find: 'return !isCancel(answer) && answer;',
    replace: 'return isCancel(answer) || answer;',
    test: 'src/cli/ask.test.ts',
  },
  {
    what: 'enter at a question is no',
    file: 'src/cli/ask.ts',
    find: 'initialValue: false,',
    replace: 'initialValue: true,',
    test: 'src/cli/ask.test.ts',
  },
  {
    what: 'a mistyped openid list is not echoed',
    file: 'src/cli/recipients.ts',
    find: 'value.length > 40 ?',
    replace: 'value.length > 4000 ?',
    test: 'src/cli/recipients.test.ts',
  },
];
