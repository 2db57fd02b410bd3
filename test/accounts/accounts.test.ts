import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pauseAccount } from '../../src/store/accounts/account-states.ts';
import {
  countAccountData,
  getAccount,
  type NewAccount,
  openAccount,
  removeAccount,
  saveAccount,
} from '../../src/store/accounts/accounts.ts';
import { getAccountRules, setAccountRules } from '../../src/store/accounts/rules.ts';
import { databaseTokenStore } from '../../src/store/accounts/tokens.ts';
import { makeSite } from '../support/campaign.ts';

const { pool, sealer } = (await makeSite()).store;
const tokens = databaseTokenStore(pool, sealer);
let serial = 0;

function newAccount(more: Partial<NewAccount> = {}): NewAccount {
  const appid = `wx${String(++serial).padStart(16, '0')}`;
  return {
    ...{ appid, kind: 'service', name: '', tokenSource: 'secret', secret: 's1', baseUrl: null, proxy: null },
    ...more,
  };
}

const inAnHour = (token: string) => async () => ({ token, expiresAt: Date.now() + 3_600_000 });

test('a token that was fetched with the old secret is dropped with it, and no other account’s', async () => {
  const [account, other] = [newAccount(), newAccount()];
  assert.equal(await saveAccount(pool, sealer, account), 'added');
  await saveAccount(pool, sealer, other);
  for (const { appid } of [account, other]) await tokens.refresh(appid, null, inAnHour(`old ${appid}`));
  assert.equal(await saveAccount(pool, sealer, { ...account, secret: 's2' }), 'changed');
  assert.equal((await openAccount(pool, sealer, account.appid)).secrets.secret, 's2');
  assert.equal(await tokens.read(account.appid), null);
  assert.equal((await tokens.read(other.appid))?.token, `old ${other.appid}`);
  await tokens.refresh(account.appid, null, inAnHour('new'));
  assert.equal((await tokens.read(account.appid))?.token, 'new');
});

test('an account that is saved again keeps its rate and its creation, and is no longer paused', async () => {
  const account = newAccount({ ratePerS: 7 });
  await saveAccount(pool, sealer, account);
  const before = await getAccount(pool, account.appid);
  await pauseAccount(pool, account.appid, 'errcode:50007', null);
  const { ratePerS, ...again } = account;
  await saveAccount(pool, sealer, { ...again, name: '新名' });
  assert.deepEqual(await getAccount(pool, account.appid), { ...before, name: '新名' });
  assert.equal(before.ratePerS, ratePerS);
  await saveAccount(pool, sealer, { ...again, ratePerS: 9 });
  assert.equal((await getAccount(pool, account.appid)).ratePerS, 9);
});

test('rules that are named are changed, the others and those of another account stay', async () => {
  const [account, other] = [newAccount(), newAccount()];
  for (const one of [account, other]) await saveAccount(pool, sealer, one);
  const before = await getAccountRules(pool, other.appid);
  const rules = {
    ...{ quietFrom: '22:00', quietTo: '08:30', fatigueLimit: 3, fatigueDays: 7, approvalAbove: 1_000 },
    ...{
      retrySystemBusy: 1,
      keepDays: 90,
      timeZone: 'Asia/Urumqi',
      popupRejectWipes: !before.popupRejectWipes,
    },
  };
  await setAccountRules(pool, account.appid, rules);
  assert.deepEqual(await getAccountRules(pool, account.appid), { ...before, ...rules });
  await setAccountRules(pool, account.appid, { canaryHeldPercent: null, fatigueLimit: 4 });
  assert.deepEqual(await getAccountRules(pool, account.appid), {
    ...{ ...before, ...rules },
    ...{ canaryHeldPercent: null, fatigueLimit: 4 },
  });
  assert.deepEqual(await getAccountRules(pool, other.appid), before);
  await assert.rejects(setAccountRules(pool, account.appid, { ...rules, timeZone: 'Nowhere/Land' }), {
    code: '22023',
  });
  await assert.rejects(getAccountRules(pool, 'wxnone'), { code: 'ACCOUNT_NOT_FOUND' });
});

test('an account that is removed takes its own with it and nothing of another', async () => {
  const [account, other] = [newAccount(), newAccount()];
  for (const { appid, ...rest } of [account, other]) {
    await saveAccount(pool, sealer, { appid, ...rest });
    await pool.query("insert into contacts (appid, openid) values ($1, 'o1')", [appid]);
    await tokens.refresh(appid, null, inAnHour('t'));
  }
  assert.deepEqual(await countAccountData(pool, account.appid), { contacts: 1, campaigns: 0, running: 0 });
  assert.equal(await removeAccount(pool, account.appid), true);
  assert.equal(await removeAccount(pool, account.appid), false);
  assert.equal((await countAccountData(pool, account.appid)).contacts, 0);
  assert.equal((await countAccountData(pool, other.appid)).contacts, 1);
  await assert.rejects(getAccount(pool, account.appid), { code: 'ACCOUNT_NOT_FOUND' });
});
