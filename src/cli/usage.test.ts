import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Command, CommanderError, Option } from 'commander';
import { describeFailure } from '../base/errors.ts';
import { usageFailure, withoutValue } from './usage.ts';

/** What is said about a command line of a small program, in both languages. */
function said(...args: string[]): { en: string; zh: string } | null {
  const program = new Command('hongyan').option('--data-dir <directory>');
  program
    .command('list')
    .argument('<appid>')
    .option('--limit <n>')
    .addOption(new Option('--all').conflicts('limit'));
  program
    .command('add')
    .requiredOption('--appid <appid>')
    .addOption(new Option('--format <format>').choices(['csv', 'xlsx']))
    .option('--secret-file <file>');
  program.command('tags').command('show');
  const silent = (command: Command): void => {
    command.exitOverride().configureOutput({ writeOut: () => {}, writeErr: () => {} });
    for (const child of command.commands) silent(child);
    command.exitOverride((error) => {
      throw Object.assign(error, { command });
    });
  };
  silent(program);
  try {
    program.parse(args, { from: 'user' });
  } catch (error) {
    assert.ok(error instanceof CommanderError && 'command' in error && error.command instanceof Command);
    const failure = usageFailure(error, error.command);
    if (failure === null) return null;
    assert.equal(failure.code, 'USAGE');
    const line = (lang: 'en' | 'zh'): string => {
      const { what, hint } = describeFailure(failure, lang, 'cli');
      return `${what} | ${hint}`;
    };
    return { en: line('en'), zh: line('zh') };
  }
  assert.fail('commander takes it');
}

describe('what commander refuses is said in both languages:', () => {
  const cases: [string[], string, string][] = [
    [
      ['list', 'wx1', '--limt', '3'],
      "unknown option '--limt'; did you mean --limit?",
      '没有选项 --limt，是不是 --limit？',
    ],
    [['list', 'wx1', '--bogus'], "unknown option '--bogus'", '没有选项 --bogus'],
    [['lst'], "unknown command 'lst'; did you mean list?", '没有命令 lst，是不是 list？'],
    [['zzzzzz'], "unknown command 'zzzzzz'", '没有命令 zzzzzz'],
    [['list'], '<appid> is missing', '缺少参数 <appid>'],
    [['add'], "the option '--appid <appid>' is missing", '缺少必填选项 --appid <appid>'],
    [
      ['add', '--apid', 'wx1'],
      "unknown option '--apid'; did you mean --appid?",
      '没有选项 --apid，是不是 --appid？',
    ],
    [['add', '--bogus=geheim'], "unknown option '--bogus=…'", '没有选项 --bogus=…'],
    [['add', '--', '-3'], "the option '--appid <appid>' is missing", '缺少必填选项 --appid <appid>'],
    [['add', '--appid'], "the option '--appid <appid>' needs a value", '选项 --appid <appid> 后面要写值'],
    [
      ['list', 'wx1', '--all', '--limit', '1'],
      "'--all' and '--limit <n>' exclude each other",
      '--all 与 --limit <n> 不能同时使用',
    ],
    [
      ['list', 'wx1', 'geheim'],
      'too many arguments: it takes 1, and 2 are given',
      '参数过多：应有 1 个，实际 2 个',
    ],
    [
      ['add', '--appid', 'a', '--format', 'doc'],
      '--format takes csv, xlsx, not "doc"',
      '--format 只能是 csv、xlsx，不能是“doc”',
    ],
    [['tags'], 'hongyan tags needs a command after it', 'hongyan tags 后面还要写子命令'],
  ];
  for (const [args, en, zh] of cases) {
    test(args.join(' '), () => {
      const found = said(...args);
      const command = [
        'hongyan',
        ...args.filter((_, at) => at === 0 && ['list', 'add', 'tags'].includes(args[0] ?? '')),
      ];
      assert.deepEqual(found, {
        en: `${en} | ${command.join(' ')} --help shows the options and an example.`,
        zh: `${zh} | 用 ${command.join(' ')} --help 查看选项和示例。`,
      });
    });
  }
});

test('help and version are not failures', () => {
  assert.equal(said('list', '--help'), null);
  assert.equal(said('help', 'add'), null);
});

test('repeats no value that commander did not understand', () => {
  for (const wrong of ["--secret=it's geheim", '-pgeheim'])
    assert.doesNotMatch(JSON.stringify(said('list', 'wx1', wrong)), /geheim/, wrong);
  assert.match(said('list', 'wx1', '--secret=geheim')?.en ?? '', /--secret=…/);
  assert.equal(withoutValue('--sceret'), '--sceret');
  assert.equal(withoutValue('-x'), '-x');
});
