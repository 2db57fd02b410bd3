// biome-ignore-all lint/suspicious/noTemplateCurlyInString: a planted source is a string
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { describe, test } from 'node:test';
import type { Command } from 'commander';
import type { CliContext } from '../src/cli/context.ts';
import { helpKey, wrapWide } from '../src/cli/help.ts';
import { createProgram } from '../src/cli/program.ts';
import { ageOf } from '../src/texts/age.ts';
import { fill, together, type Words } from '../src/texts/catalogue.ts';
import { helpOf, helpTexts } from '../src/texts/help.ts';
import { quotedNames, sheetsAndColumns } from '../src/texts/parts.ts';
import { text, uiTexts } from '../src/texts/ui.ts';
import { allWords } from './support/house/all-words.ts';
import { readSource } from './support/house/source-text.ts';
import { wordsOutside } from './support/house/words-rule.ts';

const src = new URL('../src/', import.meta.url);
const cli = new URL('cli/', src);
const en = ofLanguage(uiTexts, 'en');
const zh = ofLanguage(uiTexts, 'zh');

function ofLanguage(texts: Readonly<Record<string, Words>>, lang: 'en' | 'zh'): Record<string, string> {
  return Object.fromEntries(Object.entries(texts).map(([key, words]) => [key, words[lang]]));
}

async function sources(directory: URL): Promise<{ path: string; text: string }[]> {
  const names = (await readdir(directory, { recursive: true })).map((name) => name.replaceAll('\\', '/'));
  return Promise.all(
    names
      .filter((name) => name.endsWith('.ts'))
      .map(async (name) => ({ path: name, text: await readFile(new URL(name, directory), 'utf8') })),
  );
}

const placeholders = (words: string): string[] =>
  [...words.matchAll(/\{(\w+)\}/g)].map(([whole]) => whole).sort();

/** What differs between two catalogues, in words. */
function differences(one: Record<string, string>, other: Record<string, string>): string[] {
  const found: string[] = [];
  for (const key of new Set([...Object.keys(one), ...Object.keys(other)])) {
    const [a, b] = [one[key], other[key]];
    if (a === undefined || b === undefined) found.push(`${key} is in one catalogue only`);
    else if (a.trim() === '' || b.trim() === '') found.push(`${key} is empty`);
    else if (placeholders(a).join() !== placeholders(b).join()) found.push(`${key} has other placeholders`);
  }
  return found;
}

/** Keys named by literals, of which `a.{}` names all that begin so; and literals that look like keys and are none. */
function usage(keys: string[], literals: string[]): { unused: string[]; unknown: string[] } {
  const families = new Set(keys.map((key) => key.split('.')[0]));
  const looksLikeKey = (one: string): boolean =>
    /^[a-z]+\.(?:[a-zA-Z][a-zA-Z-]*|\{\})$/.test(one) && families.has(one.split('.')[0]);
  const used = new Set(literals.filter(looksLikeKey));
  const prefixes = [...used].filter((one) => one.endsWith('{}')).map((one) => one.slice(0, -2));
  return {
    unused: keys.filter((key) => !used.has(key) && !prefixes.some((prefix) => key.startsWith(prefix))),
    unknown: [...used].filter((one) => !one.endsWith('{}') && !keys.includes(one)),
  };
}

describe('what people read on the command line', () => {
  test('is there in both languages, with the same values in it', () => {
    assert.deepEqual(differences(en, zh), []);
  });

  test('is used, and nothing is looked up that is not there', async () => {
    const literals: string[] = [];
    for (const file of await sources(cli))
      literals.push(...readSource(file.text).strings.map(({ text }) => text));
    assert.deepEqual(usage(Object.keys(en), literals), { unused: [], unknown: [] });
  });

  test('is written in its own language', () => {
    for (const [key, words] of Object.entries(en)) assert.doesNotMatch(words, /\p{Script=Han}/u, key);
    // Lines made of values and signs alone are the same everywhere.
    for (const [key, words] of Object.entries(zh)) {
      const own = words.replaceAll(/\{\w+\}/g, '');
      if (/[a-z]{3}/i.test(own)) assert.match(words, /\p{Script=Han}/u, key);
    }
  });

  test('gets its values filled in, numbers grouped', () => {
    assert.equal(
      text('en', 'followers.detailed', { detailed: 1234567 }),
      'Details of 1,234,567 followers stored.',
    );
    assert.match(text('zh', 'account.added', { appid: 'wx1', kind: 'sandbox' }), /wx1（sandbox）/);
  });
});

describe('Chinese', async () => {
  const all = await allWords();

  test('has a space between Han and Latin or figures, full-width signs, and its own words', () => {
    const wrong = (said: string, zh = said.replaceAll(/`[^`]*`/g, '')): boolean =>
      /\p{Script=Han}[A-Za-z0-9]|[A-Za-z0-9%]\p{Script=Han}/u.test(zh) ||
      /\p{Script=Han} ?(?:[(,:;!](?!端口)|\?(?![a-z]))|\)\p{Script=Han}|\p{Script=Han}\.(?:\s|$)/u.test(zh) ||
      // A column of a table, an example or a link stands apart.
      /[，。；：！？、（）“”] (?![ →[])|[^ ] [，。；：！？、）”]|"\{/u.test(said);
    assert.ok(wrong('“{value}” 不是编号') && wrong('不能是 "{text}"') && wrong('已暂停 。'));
    assert.ok(
      wrong('8分钟前') && wrong('已受理 (msgid 1)') && wrong('状态:正常') && !wrong('状态：8 分钟前'),
    );
    assert.deepEqual(
      all.filter(({ zh }) => wrong(zh)).map(({ file, key, zh }) => `${file} ${key}: ${zh}`),
      [],
    );
    // Sentences; command lines and names are the same in both languages.
    const untold = all.filter(({ en, zh }) => en === zh && / (?:or|the|and|is|see) /.test(zh));
    assert.deepEqual(
      untold.map(({ file, key }) => `${file} ${key}`),
      [],
    );
  });

  test('has no space beside a full-width sign', () => {
    const loose = (zh: string): boolean =>
      /[，。；：！？、（）《》] (?=\S)|(?<=\S) [，。；：！？、（）《》]|” (?=\p{Script=Han})|(?<=\p{Script=Han}) “/u.test(
        zh,
      );
    assert.ok(loose('已保存。 再试') && loose('“甲” 不是') && !loose('“甲”不是 b。'));
    assert.deepEqual(
      all.filter(({ zh }) => loose(zh)).map(({ file, key, zh }) => `${file} ${key}: ${zh}`),
      [],
    );
    assert.equal(together('草稿已保存。', '', '请稍候。'), '草稿已保存。请稍候。');
    assert.equal(together('留空不限。', 'Asia/Shanghai'), '留空不限。Asia/Shanghai');
    assert.equal(together('Kept.', 'Go on.'), 'Kept. Go on.');
  });

  test('calls one thing by one word', () => {
    // docs/glossary.md: the word of another text, and what it is called.
    const others = {
      ...{ 业务编号: '业务单号', 空跑: '试运行', 疲劳度: '频次上限', 死信: '已放弃', 令牌来源: 'token 来源' },
      ...{ 第二人: '另一人', 操作者: '操作人', 暂无回执: '无回执', 发送失败: '送达失败' },
      ...{ 微信模拟器: '模拟微信', 收件人: '接收人', 人员: '成员', 工作进程: '节点', 工作节点: '节点' },
      ...{ 未作任何更改: '未做任何改动', 没有接收测试: '没有收下测试', 操作员: '人工' },
    };
    const found = all.flatMap(({ file, key, zh }) =>
      Object.entries(others)
        .filter(([other]) => zh.includes(other))
        .map(([other, word]) => `${file} ${key}: ${other} is called ${word}`),
    );
    assert.deepEqual(found, []);
    for (const { file, key, zh } of all)
      if (!file.includes('/help')) assert.doesNotMatch(zh, /运行中的 worker/, `${file} ${key}`);
  });

  test('takes values in with a space where they are Latin, and without where they are Han', () => {
    const said = (zh: string, values: Record<string, string | number>): string =>
      fill({ en: '', zh }, 'zh', 'cli', values);
    assert.equal(
      said('{what}应为{form}，现为“{value}”', { what: '--rate', form: '1 到 9', value: '0' }),
      '--rate 应为 1 到 9，现为“0”',
    );
    assert.equal(said('{what} 应为 {form}', { what: '速率上限', form: '整数' }), '速率上限应为整数');
    assert.equal(said('{n}天，{n} 天，第{n}', { n: 1234 }), '1,234 天，1,234 天，第 1,234');
    assert.equal(said('  {a}  {b}（{c}）', { a: '甲', b: 'x', c: 'y' }), '  甲  x（y）');
    assert.equal(
      said('{value} 不是 openid', { value: '“o-no…”（8 个字符）' }),
      '“o-no…”（8 个字符）不是 openid',
    );
    assert.equal(said('遇{n}重试', { n: '-1' }), '遇 -1 重试');
    assert.equal(said('{value} 不是 openid', { value: '“me”' }), '“me”不是 openid');
    assert.equal(said('列为 {columns}', { columns: '“a”、“b”' }), '列为“a”、“b”');
  });

  test("lists names of somebody's file in the signs of the language, and a sheet without cells as empty", () => {
    assert.deepEqual(quotedNames(['a', '姓名', 'c'], 2), {
      en: '"a", "姓名", … (3)',
      zh: '“a”、“姓名”等 3 个',
    });
    const sheets = [
      { sheet: 'Sheet1', columns: ['name', '手机'] },
      { sheet: '说明', columns: [] },
    ];
    assert.deepEqual(sheetsAndColumns(sheets), {
      en: '"Sheet1" (name, 手机), "说明" (empty)',
      zh: '“Sheet1”（name、手机）、“说明”（空）',
    });
  });

  test('says how long ago with the same spaces', () => {
    const ago = (seconds: number): string => ageOf(new Date(1e12 - seconds * 1000), 1e12).zh;
    assert.deepEqual([17, 480, 7200, 3 * 86_400].map(ago), ['17 秒前', '8 分钟前', '2 小时前', '3 天前']);
  });
});

/** Every command and each of its parts: where their words are, and what they say now. */
function* partsOf(command: Command): Generator<{ command: string; part?: string; said: string }> {
  const key = helpKey(command);
  yield { command: key, said: command.description() };
  for (const option of command.options) {
    if (!option.hidden) yield { command: key, part: option.long ?? option.flags, said: option.description };
  }
  for (const argument of command.registeredArguments)
    yield { command: key, part: `<${argument.name()}>`, said: argument.description };
  for (const child of command.commands) yield* partsOf(child);
}

describe('what --help says', async () => {
  // Commands read nothing of their context before they run but the language.
  const context = { lang: 'en' } as CliContext;
  const needed = { context, loaded: { sources: {}, file: null }, version: '0' };
  const spoken = await createProgram(needed, [], { all: true });

  test('is there in both languages', () => {
    assert.deepEqual(differences(ofLanguage(helpTexts, 'en'), ofLanguage(helpTexts, 'zh')), []);
    for (const [key, words] of Object.entries(helpTexts)) {
      if (words.en === words.zh) continue;
      assert.doesNotMatch(
        words.en.replaceAll(/"[^"]*"|'[^']*'|（[^）]*）|\([^)]*\)/g, ''),
        /\p{Script=Han}/u,
        key,
      );
      assert.match(words.zh, /\p{Script=Han}/u, key);
    }
  });

  test('tells what an option is without a value, and what it may be', () => {
    const list = spoken.commands
      .find((one) => one.name() === 'campaigns')
      ?.commands.find((one) => one.name() === 'list');
    assert.match(list?.helpInformation().replaceAll(/\s+/g, ' ') ?? '', /--limit <n> [^-]*\(default: 20\)/);
    const exported = spoken.commands
      .find((one) => one.name() === 'campaigns')
      ?.commands.find((one) => one.name() === 'export');
    assert.match(
      exported?.helpInformation().replaceAll(/\s+/g, ' ') ?? '',
      /--format <format> [^-]*csv, ndjson, xlsx[^-]*csv/,
    );
  });

  test('has words for every command, option and argument, and none for others', () => {
    const without: string[] = [];
    const used = new Set(['--help', 'help']);
    for (const { command, part, said } of partsOf(spoken)) {
      const key = part === undefined ? command : `${command} ${part}`;
      if (said === '' && !/^<.*>$/.test(part ?? '')) without.push(key);
      for (const one of [key, part ?? '', `${command} notes`, `${command} example`]) used.add(one);
    }
    assert.deepEqual(without, [], 'without words');
    assert.deepEqual(
      Object.keys(helpTexts).filter((key) => !used.has(key)),
      [],
      'for nothing that is there',
    );
  });

  test('is Chinese to whoever reads Chinese, what commander adds by itself included', async () => {
    const chinese = { ...needed, context: { lang: 'zh' } as CliContext };
    for (const { command, part, said } of partsOf(await createProgram(chinese, [], { all: true })))
      if (said !== '') assert.match(said, /\p{Script=Han}/u, `${command} ${part ?? ''}`);
  });

  test('names no option that the command does not have', () => {
    for (const { command, part } of partsOf(spoken)) {
      for (const lang of ['en', 'zh'] as const) {
        const example = part === undefined ? helpOf(command, 'example').own?.[lang] : undefined;
        for (const line of example?.replaceAll('\\\n', ' ').split('\n') ?? []) checkExample(spoken, line);
      }
    }
  });

  test('breaks Chinese lines where Chinese may be broken', () => {
    assert.equal(wrapWide('增加一个节点，共用数据库', 12), '增加一个节\n点，共用数据\n库');
    assert.equal(wrapWide('一二三四五六，七', 12), '一二三四五\n六，七');
    assert.equal(wrapWide('用 --data-dir 指定（默认）', 16), '用 --data-dir 指\n定（默认）');
    for (const line of wrapWide('体检：列出配置，检查数据库、时钟和每个账号。'.repeat(5), 20).split('\n'))
      assert.doesNotMatch(line, /^[，。；：、）]/);
  });

  test('has no second words in the command itself', async () => {
    const twice: string[] = [];
    for (const { command, part, said } of partsOf(
      await createProgram(needed, [], { all: true, help: false }),
    ))
      if (said !== '' && helpTexts[part === undefined ? command : `${command} ${part}`] !== undefined)
        twice.push(`${command} ${part ?? ''}`.trim());
    assert.deepEqual(twice, []);
  });
});

/** `$ hongyan …` of an example: the command is there, and has its options. */
function checkExample(program: Command, line: string): void {
  const [, rest] = /^\$ (?:[A-Z_]+=\S+ )*(?:npx )?hongyan (.*)$/.exec(line.trim()) ?? [];
  if (rest === undefined) return;
  let command = program;
  for (const word of rest.split(' ')) {
    const child = command.commands.find((one) => one.name() === word);
    if (child === undefined) break;
    command = child;
  }
  for (const [option] of rest.matchAll(/(?<= )--[a-z][\w-]*/g)) {
    const known = [command, program].some((one) => one.options.some(({ long }) => long === option));
    assert.ok(known || option === '--help', `${line}: ${helpKey(command)} has no ${option}`);
  }
}

test('words that people read are in the catalogues', async () => {
  const found: string[] = [];
  for (const { path, text: file } of await sources(src)) {
    const lines = wordsOutside(`src/${path}`, file, readSource(file));
    if (lines.length > 0) found.push(`src/${path}:${lines.join(',')}`);
  }
  assert.deepEqual(found, [], 'English outside src/texts (or `new HongyanError`)');
});

describe('a planted difference is found:', () => {
  test('words outside the catalogues', () => {
    const lines = (path: string, file: string): number[] => wordsOutside(path, file, readSource(file));
    const file = [
      "context.out('nobody was sent to');",
      "logger.info({ id: name(a) }, 'campaign was planned');",
      "throw new Error('this cannot happen');",
      "throw new HongyanError('USAGE', name);",
      "const key = 'push.start';",
      'const said = `the list of ${name} is empty`;',
      'const xml = \'<sheet name="a"><row/>\';',
      "const page = '<p>the list is empty</p>';",
    ].join('\n');
    assert.deepEqual(lines('src/cli/a.ts', file), [1, 4, 6, 8]);
    assert.deepEqual(lines('src/store/a.ts', file), [4]);
    assert.deepEqual(lines('src/texts/ui/a.ts', file), []);
  });

  test('keys and placeholders', () => {
    assert.deepEqual(
      differences(
        { a: 'x {n}', b: 'x', c: 'x', d: '{a} {b}', e: ' ' },
        { a: 'y {m}', b: 'y', d: '{b} {a}', e: 'y', f: 'y' },
      ),
      ['a has other placeholders', 'c is in one catalogue only', 'e is empty', 'f is in one catalogue only'],
    );
  });

  test('unused and unknown keys', () => {
    assert.deepEqual(
      usage(['push.a', 'push.b', 'state.x', 'state.y'], ['push.a', 'state.{}', 'push.gone', 'other.word']),
      { unused: ['push.b'], unknown: ['push.gone'] },
    );
  });
});
