import { randomBytes } from 'node:crypto';
import { failure } from '../../base/errors.ts';
import { getAccount } from '../../store/accounts/accounts.ts';
import type { OaTemplate } from '../../wechat/calls/templates.ts';
import { checkField } from '../../wechat/fields/fields.ts';
import { parseTemplateContent } from '../../wechat/fields/template-content.ts';
import { action } from '../action.ts';
import { type Probe, type QuestionName, questionNames, questions, type Verdict } from './questions.ts';

/** What is needed to ask, found once. */
export interface Verification {
  appid: string;
  openid: string;
  template: Pick<Probe, 'templateId' | 'values' | 'thing' | 'longest'>;
  questions: { name: QuestionName; sends: number }[];
}

/**
 * Finds a template with which WeChat can be asked: one whose fields have classes, one of them `thing`. Sends nothing.
 *
 * Throws `VERIFY_IMPOSSIBLE`, `ACCOUNT_NOT_FOUND`.
 */
export const planVerification = action<{ appid: string; openid: string }, Verification>(
  { name: 'verify.plan', permission: 'campaign.test', audit: 'none', appid: ({ appid }) => appid },
  async ({ store: { pool }, clients }, { appid, openid }) => {
    const { kind } = await getAccount(pool, appid);
    if (kind !== 'service' && kind !== 'sandbox') throw failure('VERIFY_IMPOSSIBLE/kind', { appid });
    const client = await clients.get(appid);
    for (const one of await client.oaTemplates.list()) {
      const template = usable(one);
      if (template === null) continue;
      const asked = questionNames.map((name) => ({ name, sends: questions[name].sends }));
      return { appid, openid, template, questions: asked };
    }
    throw failure('VERIFY_IMPOSSIBLE/template', { appid });
  },
);

/** Asks WeChat one question. Some send real messages to `openid`: at most `sends`. */
export const askQuestion = action<{ verification: Verification; name: QuestionName }, Verdict>(
  {
    name: 'verify.ask',
    permission: 'campaign.test',
    audit: 'change',
    appid: ({ verification }) => verification.appid,
    kept: ({ name }) => ({ name }),
  },
  async ({ clients }, { verification, name }) => {
    const { appid, openid, template } = verification;
    const run = randomBytes(6).toString('hex');
    const client = await clients.get(appid);
    // Each run says something else, or the last one would be what is repeated.
    const values = { ...template.values, [template.thing]: `${name.slice(0, 12)} ${run.slice(0, 6)}` };
    const { verdict, observed } = await questions[name].ask({ client, openid, ...template, values, run });
    return { verdict, observed: masked(observed) };
  },
);

/** The form of openids and appids, wherever they stand. */
function masked(text: string): string {
  return text.replaceAll(/\b(?:o[\w-]{27}|wx[0-9a-f]{16})(?![\w-])/g, (id) => `${id.slice(0, 2)}***`);
}

/** Null where the template's own example does not tell values that it takes. */
function usable(template: OaTemplate): Verification['template'] | null {
  const { fields, family } = parseTemplateContent(template.content);
  const thing = fields.find((field) => field.class === 'thing')?.key;
  if (family !== 'typed' || thing === undefined) return null;
  const examples = template.example.split('\n').map((line) => line.split(/[:：]/));
  const values: Record<string, string> = {};
  for (const { key, label } of fields) {
    const [, ...rest] = examples.find(([name = '']) => name.trim() === label) ?? [];
    const value = rest.join(':').trim();
    if (value === '' || checkField(key, value) !== null) return null;
    values[key] = value;
  }
  const refusable = fields.filter((field) => field.class !== 'const').map(({ key }) => key);
  const longest = refusable.toSorted((a, b) => b.length - a.length)[0] ?? thing;
  return { templateId: template.template_id, values, thing, longest };
}
