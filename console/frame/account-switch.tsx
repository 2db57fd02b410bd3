import type { ReactNode } from 'react';
import { accountWords } from '../../src/texts/console/accounts.ts';
import { frameWords } from '../../src/texts/console/frame.ts';
import { accountName, chooseAccount, isSimulated, useAccounts } from '../parts/account.tsx';
import { ButtonLink } from '../parts/button.tsx';
import { useWords } from '../parts/language.tsx';
import { Select } from '../parts/select.tsx';
import { useMay } from '../parts/session.ts';
import css from './top.module.css';

/** Which account the pages are about. */
export function AccountSwitch(): ReactNode {
  const say = useWords(frameWords);
  const sayAccount = useWords(accountWords);
  const may = useMay();
  const { all, current } = useAccounts();
  if (current === null) {
    return may('account.manage') ? (
      <ButtonLink href="/start" kind="quiet" icon="plus">
        {sayAccount('add')}
      </ButtonLink>
    ) : null;
  }
  return (
    <div className={css.account}>
      <Select
        label={say('account')}
        isLabelHidden
        value={current.appid}
        onChange={chooseAccount}
        options={all.map((one) => ({
          id: one.appid,
          name: accountName(one),
          about: [
            sayAccount(`kind.${one.kind}`),
            ...(isSimulated(one) ? [say('simulated')] : []),
            one.appid,
          ].join(' · '),
        }))}
      />
    </div>
  );
}
