import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { buildMessage, requireFormId } from './build-message.ts';

const base = { templateId: 'T1', data: { thing1: '毛笔' } };

function refused(pattern: RegExp): { code: string; message: RegExp } {
  return { code: 'MESSAGE_INVALID', message: pattern };
}

describe('a message from its parts', () => {
  test('links to a Mini Program only with both its appid and its page', () => {
    for (const channel of ['oa-template', 'oa-subscribe'] as const) {
      const { miniprogram } = buildMessage(channel, { ...base, mpAppid: 'wx1', mpPath: 'pages/a' });
      assert.deepEqual(miniprogram, { appid: 'wx1', pagepath: 'pages/a' });
      assert.equal('miniprogram' in buildMessage(channel, base), false);
      for (const half of [{ mpAppid: 'wx1' }, { mpPath: 'pages/a' }])
        assert.throws(() => buildMessage(channel, { ...base, ...half }), refused(/Mini Program needs both/));
    }
  });

  test('has the wire’s own names', () => {
    const parts = { ...base, page: 'pages/a', lang: 'zh_TW', miniprogramState: 'trial' };
    assert.deepEqual(buildMessage('mp-subscribe', parts), {
      template_id: 'T1',
      page: 'pages/a',
      lang: 'zh_TW',
      miniprogram_state: 'trial',
      data: { thing1: { value: '毛笔' } },
    });
    assert.deepEqual(buildMessage('oa-template', { ...base, url: 'https://a.cn' }), {
      template_id: 'T1',
      url: 'https://a.cn',
      data: { thing1: { value: '毛笔' } },
    });
    assert.equal(buildMessage('mp-form', { ...base, formId: 'f1' }).form_id, 'f1');
  });

  test('refuses a part that the channel does not have, and says which link it has', () => {
    assert.throws(() => buildMessage('mp-subscribe', { ...base, url: 'https://a.cn' }), refused(/page/));
    assert.throws(() => buildMessage('oa-template', { ...base, page: 'pages/a' }), refused(/url/));
    assert.throws(() => buildMessage('oa-template', { ...base, lang: 'zh_CN' }), refused(/lang/));
    assert.throws(() => buildMessage('mp-subscribe', { ...base, formId: 'f1' }), refused(/form/));
  });

  test('needs a template, and a channel of its own shape needs the whole body', () => {
    assert.throws(() => buildMessage('oa-template', { data: base.data }), refused(/template/));
    for (const channel of ['kf', 'oa-once'] as const)
      assert.throws(() => buildMessage(channel, base), refused(/shape of its own/));
  });

  test('by itself on mp-form brings its form_id', () => {
    const body = buildMessage('mp-form', base);
    assert.throws(() => requireFormId('mp-form', body), refused(/form_id/));
    assert.throws(() => requireFormId('mp-form', { ...body, form_id: '' }), refused(/form_id/));
    requireFormId('mp-form', { ...body, form_id: 'f1' });
    requireFormId('mp-subscribe', body);
  });
});
