import assert from 'node:assert/strict';
import { contractSite, row } from '../support/contract.ts';

const site = await contractSite();

row('GET /v1/errcodes', 'says what each code means, in the language that is asked for', async () => {
  const meaning = async (lang: string): Promise<string> => {
    const { body } = await site.call('GET /v1/errcodes', { headers: { 'accept-language': lang } });
    const { data } = body as { data: { errcode: number; meaning: string }[] };
    return data.find(({ errcode }) => errcode === 43101)?.meaning ?? '';
  };
  assert.match(await meaning('zh-CN'), /订阅|次数/);
  assert.match(await meaning('en'), /subscri/i);
});
