import assert from 'node:assert/strict';
import { test } from 'node:test';
import { errcodeInfo, errcodeTables, knownErrcodes } from './errcodes.ts';

/** Class and action by code, typed by hand from the protocol reference (§9). */
const actions: Record<string, string> = {
  'OK ok': '0',
  'CRED refresh': '40001 40014 42001 41001 42006 61005 61006 40091',
  'CONF pause-account':
    '61023 40002 40013 40125 41002 41004 40243 50004 50007 61003 61007 61011 61014 61016 61024 40094 200011',
  'CONF node-ip': '40164 61004 89501 89503 89506 89507',
  'TRANS retry': '-1 268487001 268487002 268488001 9500001 9500002 200001',
  'TRANS retry-recipient': '43108',
  'RATE wait-minute': '45011',
  'RATE park': '45009 48006 45028 45102 40251',
  'RATE defer-recipient': '43117 40241',
  'RATE retry': '45066 42010',
  'RCPT drop':
    '45047 45015 40003 49003 43004 50005 43101 43019 48002 50002 41028 41029 41031 40029 40163 40226 70000 45059 45171 45080 45081 85438',
  'CONT drop': '47003 40250',
  'CONT hold': '40252',
  'CONT stop': '45168 40249 45002 45003 45004 45005 45008 40062 44004 40007 46001',
  'DEDUPE accepted': '45065',
  'RET stop': '45109 45103 48009 46101',
  'UNKNOWN unknown-code': '404 40400',
  'CONF stop': [
    '44002 47001 47002 40033 40035 43001 43002 43003 40066 40097 41009 41008 45067 45072 45050 40200',
    '40037 40036 48011 43116 43102 200013 20001 20002 43107 48001 48004 48008 50001 43104 41032 41033 41034 41035',
    '43106 45087 45094 65400 40165 41030 40166 40039 61009 61010 40234 40235',
    '40004 40005 40006 40008 40009 40010 40011 40012 41005 45001 45007 40130 40152 40059 40060 45062 45083 45084',
    '45113 48003 48021 48022 89504 89505 40031 40032 45056 45057 45058 45157 45158 45159 45169',
    '40246 40247 43100 45026 45027 200002 200012 200014 200016 200017 200018 200019 200020 200021 200022 200100',
    '40201 40202 40203 76001 76002 76003 76004 76021 76022',
  ].join(' '),
};

/** The codes of the reference's appendix of English texts (§11), typed by hand. */
const appendix = [
  '-1 0 40001 40002 40003 40004 40007 40008 40013 40014 40029 40031 40032 40033 40035 40036 40037 40039 40062',
  '40066 40091 40094 40097 40125 40130 40163 40164 40165 40166 40201 40202 40203 40226 41001 41002 41004 41008',
  '41009 41028 41029 41030 41031 41032 41034 41035 42001 42006 43001 43002 43003 43004 43019 43100 43101 43102',
  '43104 43106 43108 43116 43117 40241 44002 44004 45002 45003 45004 45005 45008 45009 45011 45015 45026 45027',
  '45028 45047 45050 45056 45057 45058 45059 45065 45066 45067 45072 45080 45081 45083 45084 45087 45094 45103',
  '45157 45158 45159 45168 47001 47002 47003 48001 48002 48004 48006 48008 48009 48011 49003 50001 50002 50004',
  '50005 61003 61004 61005 61006 61007 61009 61010 61011 61014 61016 61023 61024 65400 76001 76002 76003 76004',
  '76021 76022',
]
  .join(' ')
  .split(' ')
  .map(Number);

test('every code has the class and action that the protocol reference gives it, and no other code exists', () => {
  const listed: number[] = [];
  for (const [expected, codes] of Object.entries(actions)) {
    for (const code of codes.split(' ').map(Number)) {
      const info = errcodeInfo(code);
      assert.equal(`${info.class} ${info.action}`, expected, `errcode ${code}`);
      assert.equal(info.errcode, code);
      assert.equal(info.known, true);
      listed.push(code);
    }
  }
  assert.deepEqual(
    listed.sort((a, b) => a - b),
    knownErrcodes(),
  );
});

test('every code of the appendix is known and has WeChat’s English text', () => {
  for (const code of appendix) {
    const info = errcodeInfo(code);
    assert.equal(info.known, true, `errcode ${code}`);
    assert.notEqual(info.wechat, '', `errcode ${code}`);
  }
});

test('no code has two rows, and every row and variant is explained in both languages', () => {
  const seen = new Set<string>();
  for (const table of errcodeTables) {
    for (const [code, entry] of Object.entries(table)) {
      assert.ok(!seen.has(code), `errcode ${code} has two rows`);
      seen.add(code);
      for (const text of [entry, ...(entry.variants ?? [])]) {
        assert.match(text.en, /\S.*[.…]$/s, `errcode ${code} en`);
        assert.match(text.zh, /\p{Script=Han}.*[。…]$/su, `errcode ${code} zh`);
        assert.doesNotMatch(text.en, /\p{Script=Han}/u, `errcode ${code} en`);
      }
    }
  }
});

test('40013 is a wrong appid at the token API and an unlinked Mini Program at template/send', () => {
  assert.equal(errcodeInfo(40013, '/cgi-bin/token').action, 'pause-account');
  assert.equal(errcodeInfo(40013, '/cgi-bin/stable_token').action, 'pause-account');
  const send = errcodeInfo(40013, '/cgi-bin/message/template/send');
  assert.equal(send.action, 'stop');
  assert.match(send.zh, /关联/);
  assert.equal('variants' in send || 'paths' in send, false);
});

test('40001 at the token API is a wrong secret and never causes another refresh', () => {
  assert.equal(errcodeInfo(40001, '/cgi-bin/stable_token').action, 'pause-account');
  assert.equal(errcodeInfo(40001, '/cgi-bin/message/template/send').action, 'refresh');
});

test('45109 is the retired uniform message, and at template/send an account that has no template messages', () => {
  const uniform = errcodeInfo(45109, '/cgi-bin/message/wxopen/template/uniform_send');
  assert.deepEqual([uniform.class, uniform.action], ['RET', 'stop']);
  const send = errcodeInfo(45109, '/cgi-bin/message/template/send');
  assert.deepEqual([send.class, send.action], ['CONF', 'stop']);
  assert.match(send.zh, /小程序/);
});

test('20001 is transient in the template library only', () => {
  assert.equal(errcodeInfo(20001, '/wxaapi/newtmpl/addtemplate').action, 'retry');
  assert.equal(errcodeInfo(20001, '/cgi-bin/message/subscribe/send').action, 'stop');
});

test('a code that nobody knows is explained with its number and retried once at most', () => {
  const info = errcodeInfo(87654321);
  assert.equal(info.action, 'unknown-code');
  assert.equal(info.known, false);
  assert.match(info.en, /87654321/);
  assert.match(info.zh, /87654321/);
  assert.equal(errcodeInfo(Number.NaN).known, false);
});

test('contact effects, duplicates and uncertain sends are marked where they belong', () => {
  const having = (key: 'effect' | 'duplicateOnResend' | 'maybeSent'): string =>
    knownErrcodes()
      .map(errcodeInfoAlone)
      .filter((info) => info[key] !== undefined)
      .map((info) => (key === 'effect' ? `${info.errcode}:${info.effect}` : info.errcode))
      .join(' ');
  assert.equal(
    having('effect'),
    '41028:form-id-dead 41029:form-id-used 41031:form-id-dead 43004:unfollowed 43019:blocked 43101:no-credit 48002:blocked 50005:unfollowed',
  );
  assert.equal(having('duplicateOnResend'), '40241 45065');
  assert.equal(having('maybeSent'), '-1 9500001 9500002 268487001 268487002 268488001');
});

test('a recipient whose lock or frequency refused the message waits at least as long as the reference says', () => {
  assert.equal(errcodeInfo(43108).waitMs, 1000);
  assert.equal(errcodeInfo(40241).waitMs, 60_000);
  assert.ok((errcodeInfo(43117).waitMs ?? 0) >= 3_600_000);
  assert.equal(errcodeInfo(47003).actionIfCommon, 'stop');
  assert.equal(errcodeInfo(40250).actionIfCommon, 'stop');
});

const errcodeInfoAlone = (code: number) => errcodeInfo(code);
