import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { compileJson, compileText, type VariableEscape } from './variables.ts';

const text = (source: string, vars: Record<string, string>, mode: VariableEscape = 'none'): string =>
  compileText(source, { escape: mode }).render(vars);

describe('variables in a text', () => {
  it('are replaced by name, in any language, with space around the name', () => {
    assert.equal(
      text('你好 {{ 姓名 }}，{{a}}{{a}}{{b c}}', { 姓名: '张三', a: '1', 'b c': '2' }),
      '你好 张三，112',
    );
    assert.deepEqual(compileText('{{b}}{{a}}{{b}}').names, ['b', 'a']);
  });

  it('are not looked for in what a value holds', () => {
    assert.equal(text('{{a}}', { a: '{{b}} $& \\{{c}}', b: 'x' }), '{{b}} $& \\{{c}}');
  });

  it('have a fallback behind a bar, for values that are missing or blank', () => {
    assert.equal(text('{{name | 顾客}}您好', { name: '' }), '顾客您好');
    assert.equal(text('{{name|顾客}}{{name|}}', {}), '顾客');
    assert.equal(text('{{name|顾客}}', { name: ' \n' }), '顾客');
    assert.equal(text('{{name|顾客}}', { name: '张三' }), '张三');
    assert.equal(text('{{a|b|c}}{{x\\|y}}', { 'x|y': '1' }), 'b|c1');
    assert.equal(text('https://a.cn/?q={{q|张 三}}', {}, 'uri'), 'https://a.cn/?q=%E5%BC%A0%20%E4%B8%89');
    assert.equal(compileJson({ a: '{{q|"}}' }).render({}), '{"a":"\\""}');
    const compiled = compileText('{{a}}{{b|x}}{{c|x}}{{c}}');
    assert.deepEqual(
      [compiled.names, compiled.required],
      [
        ['a', 'b', 'c'],
        ['a', 'c'],
      ],
    );
    assert.equal(compiled.firstAbsent({ a: '' }), 'c');
    assert.throws(() => compileText('{{|x}}'), { code: 'TEMPLATE_VARIABLE_INVALID' });
  });

  it('are plain braces after a backslash, and variables after two', () => {
    assert.equal(text('\\{{a}} }} { \\n', {}), '{{a}} }} { \\n');
    assert.equal(text('C:\\\\{{a}}', { a: 'x' }), 'C:\\x');
    assert.equal(text('\\\\\\{{a}}', {}), '\\{{a}}');
  });

  it('are percent-encoded inside an address', () => {
    const vars = { q: '张 三&x=1#', link: 'https://a.cn/?q=1&n=张%20', id: 'a/b' };
    assert.equal(
      text('https://x.cn/?q={{q}}&r=1', vars, 'uri'),
      'https://x.cn/?q=%E5%BC%A0%20%E4%B8%89%26x%3D1%23&r=1',
    );
    assert.equal(text('{{link}}', vars, 'uri'), 'https://a.cn/?q=1&n=%E5%BC%A0%20');
    assert.equal(text('{{link}}&id={{id}}', vars, 'uri'), 'https://a.cn/?q=1&n=%E5%BC%A0%20&id=a%2Fb');
  });

  it('that have no value are an error, never braces in front of a person', () => {
    const compiled = compileText('{{a}}{{constructor}}{{__proto__}}');
    assert.deepEqual(compiled.missing(['a']), ['constructor', '__proto__']);
    assert.equal(compiled.firstAbsent({ a: '' }), 'constructor');
    assert.throws(() => compiled.render({ a: '' }), { code: 'TEMPLATE_VARIABLE_MISSING' });
    assert.equal(compileText('{{a}}').firstAbsent({ a: '' }), undefined);
    assert.equal(text('[{{a}}]', { a: '' }), '[]');
  });

  it('explain what is wrong with them', () => {
    for (const source of ['{{}}', '{{ }}', 'x {{a', '{{a\nb}}', '{{{a}}}']) {
      assert.throws(() => compileText(source), { code: 'TEMPLATE_VARIABLE_INVALID' }, source);
    }
    assert.throws(() => compileText('{{thing1.DATA}}'), {
      code: 'TEMPLATE_VARIABLE_INVALID',
      message: /give the field thing1 a value/,
    });
  });

  it('never leave half a surrogate pair', () => {
    assert.equal(text('a\ud83d{{x}}', { x: '\ude00' }), 'a\ufffd\ufffd');
    assert.equal(text('p?{{x}}', { x: '\ud83d' }, 'uri'), 'p?%EF%BF%BD');
    assert.equal(compileJson({ a: '{{x}}' }).render({ x: '\ud83d' }), '{"a":"\ufffd"}');
  });
});

describe('variables in a wire body', () => {
  it('are JSON-escaped, and percent-encoded in url, page and pagepath at any depth', () => {
    const body = {
      touser: '{{openid}}',
      url: 'https://x.cn/?n={{n}}',
      miniprogram: { pagepath: 'pages/a?n={{n}}' },
      data: { thing1: { value: '"{{n}}"', color: '#173177' } },
      list: [1, null, true, { page: 'p?{{n}}' }, []],
      none: undefined,
      empty: {},
    };
    const compiled = compileJson(body);
    assert.deepEqual(compiled.names, ['openid', 'n']);
    assert.equal(
      compiled.render({ openid: 'o1', n: 'a"\n&' }),
      '{"touser":"o1","url":"https://x.cn/?n=a%22%0A%26","miniprogram":{"pagepath":"pages/a?n=a%22%0A%26"},' +
        '"data":{"thing1":{"value":"\\"a\\"\\n&\\"","color":"#173177"}},"list":[1,null,true,{"page":"p?a%22%0A%26"},[]],"empty":{}}',
    );
  });

  it('stay inside their string also where an address is taken as it is', () => {
    const rendered = compileJson({ url: '{{link}}' }).render({ link: 'https://x.cn/?a="\\,"b":"\ud83d' });
    assert.deepEqual(JSON.parse(rendered), { url: 'https://x.cn/?a="\\,"b":"%EF%BF%BD' });
  });

  it('refuse a body that JSON cannot hold', () => {
    for (const body of [undefined, { a: 1n }, [Number.NaN], { f: () => 1 }]) {
      assert.throws(() => compileJson(body), { code: 'TEMPLATE_BODY_INVALID' });
    }
    const endless: Record<string, unknown> = {};
    endless.self = endless;
    assert.throws(() => compileJson(endless), { code: 'TEMPLATE_BODY_INVALID' });
  });

  it('render to the JSON of the body with its strings replaced one by one', () => {
    const names = ['a', '姓名', 'b c'] as const;
    const value = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 12 }),
      fc.string({ unit: fc.constantFrom('"', '\\', '\n', '\ud83d', '\ude00', '%', '张', 'a'), maxLength: 6 }),
    );
    const vars = fc.record({ a: value, 姓名: value, 'b c': value });
    const plain = fc.string({
      unit: fc.constantFrom('x', '"', '\\', '张', '🦢', '\n', '}', ' ', '&'),
      maxLength: 4,
    });
    // Each string is a list of plain texts and variables; a backslash before braces would escape them.
    const leaf = fc.array(
      fc.oneof(
        plain.map((t) => t.replace(/\\+$/, '')),
        fc.constantFrom(...names.map((n) => `{{${n}}}`)),
      ),
      {
        maxLength: 4,
      },
    );
    const key = fc.oneof(
      fc.constantFrom('url', 'page', 'pagepath', '__proto__x'),
      fc.string({ maxLength: 4 }),
    );
    const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 4 },
        leaf.map((parts) => ({ leaf: parts })),
        fc.oneof(fc.integer(), fc.boolean(), fc.constant(null)),
        fc.array(tie('tree'), { maxLength: 3 }),
        fc.array(fc.tuple(key, tie('tree')), { maxLength: 3 }).map((entries) => new Map(entries)),
      ),
    }));
    type Row = Record<(typeof names)[number], string>;

    const build = (node: unknown, row: Row | undefined, isAddress: boolean): unknown => {
      if (node instanceof Map) {
        return Object.fromEntries(
          [...node].map(([k, v]) => [k, build(v, row, ['url', 'page', 'pagepath'].includes(k))]),
        );
      }
      if (Array.isArray(node)) return node.map((item) => build(item, row, isAddress));
      if (typeof node !== 'object' || node === null) return node;
      const parts = (node as { leaf: string[] }).leaf; // Only leaves are plain objects in this tree.
      if (row === undefined) return parts.join('');
      const filled = parts.filter((part) => part !== '');
      return filled
        .map((part, i) => {
          const name = names.find((n) => part === `{{${n}}}`);
          if (name === undefined) return part;
          const given = row[name].toWellFormed();
          if (!isAddress) return given;
          return i > 0 ? encodeURIComponent(given) : given.replace(/[^\x21-\x7e]+/g, encodeURIComponent);
        })
        .join('');
    };
    fc.assert(
      fc.property(tree, vars, (node, row) => {
        const rendered = compileJson(build(node, undefined, false)).render(row);
        assert.deepEqual(JSON.parse(rendered), build(node, row, false));
        // Compact, as WeChat is sent it.
        assert.equal(rendered, JSON.stringify(JSON.parse(rendered)));
      }),
      { numRuns: 500 },
    );
  });
});
