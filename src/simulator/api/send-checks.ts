import type { SendCheck } from '../options.ts';
import type { Account } from '../state/account.ts';
import type { Template, TemplateFamily } from '../templates/templates.ts';
import { type Failure, fail } from './answers.ts';
import type { Call } from './route.ts';

/** What the checks of one send need to know. */
export interface SendPlan {
  family: TemplateFamily;
  /** The recipient has to follow the account. */
  mustFollow: boolean;
  /** Costs a credit (or, for long-term templates, must not be refused). */
  needsCredit: boolean;
  /** Answers 43108 when two sends to one openid overlap; `all` only where that was switched on. */
  lock: 'subscribe' | 'all';
  /** Checks url, page and miniprogram. */
  link: (call: Call) => Failure | undefined;
}

export interface Recipient {
  index: number;
  template: Template;
}

/** Runs the checks in the account's order. The recipient and template, or the first refusal. */
export function checkSend(call: Call, plan: SendPlan): Recipient | Failure {
  const { account, body } = call;
  const index = account.followers.find(body.touser);
  const id = body.template_id;
  const found = typeof id === 'string' ? account.templates.get(id) : undefined;
  const template = found?.family === plan.family ? found : undefined;

  for (const check of account.options.sendCheckOrder) {
    const failure = run(check, call, plan, index, template);
    if (failure !== undefined) return failure;
  }
  // Orders without `openid` or `template` are refused when the options are read.
  if (template === undefined) return fail(40037);
  return { index, template };
}

function run(
  check: SendCheck,
  call: Call,
  plan: SendPlan,
  index: number,
  template: Template | undefined,
): Failure | undefined {
  const { account, body } = call;
  switch (check) {
    case 'openid':
      if (index < 0) return fail(40003);
      return lock(call, plan, index);
    case 'follow':
      return plan.mustFollow && !account.followers.follows(index) ? fail(43004) : undefined;
    case 'blacklist':
      return account.followers.isBlacklisted(index) ? fail(43019) : undefined;
    case 'credit':
      // A template that the account does not have is 40037, wherever the credit is checked.
      if (!plan.needsCredit || template === undefined) return undefined;
      return hasCredit(account, template, index) ? undefined : fail(43101);
    case 'template':
      if (template === undefined) return fail(40037);
      return template.banned ? fail(43116) : undefined;
    case 'fields': {
      const argument = template?.check(body.data);
      if (argument === undefined) return undefined;
      if (plan.needsCredit && template !== undefined && account.options.failureConsumesCredit) {
        takeCredit(account, template, index);
      }
      return fail(47003, argument);
    }
    case 'link':
      return plan.link(call);
  }
}

function lock(call: Call, plan: SendPlan, index: number): Failure | undefined {
  const { busy, options } = call.account;
  if (
    options.concurrencyLock === 'none' ||
    (options.concurrencyLock === 'subscribe' && plan.lock === 'all')
  ) {
    return undefined;
  }
  if (busy.has(index)) return fail(43108);
  busy.add(index);
  call.locked = index;
  return undefined;
}

function hasCredit(account: Account, template: Template, index: number): boolean {
  if (template.family === 'subscribe' && template.type === 3) {
    return !account.credits.refusesLongTerm(template.id, index);
  }
  return account.credits.balance(template.id, index) > 0;
}

export function takeCredit(account: Account, template: Template, index: number): void {
  if (template.family === 'subscribe' && template.type === 3) return;
  if (account.credits.balance(template.id, index) > 0) account.credits.take(template.id, index);
}
