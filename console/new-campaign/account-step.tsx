import type { ReactNode } from 'react';
import { newCampaignWords } from '../../src/texts/console/new-campaign.ts';
import { type Account, accountName, chooseAccount, useAccounts } from '../parts/account.tsx';
import { Choice } from '../parts/field.tsx';
import { useWords } from '../parts/language.tsx';
import { Section } from '../parts/page.tsx';
import { navigate } from '../parts/router.tsx';

/** By which account it is sent. A draft is one account's: with another one a new draft begins. */
export function AccountStep({ account, isBegun }: { account: Account; isBegun: boolean }): ReactNode {
  const say = useWords(newCampaignWords);
  const { all } = useAccounts();
  const choose = (appid: string): void => {
    if (isBegun) navigate(`/campaigns/new?account=${appid}&step=account`);
    chooseAccount(appid);
  };
  return (
    <Section>
      <Choice<string>
        label={say('account')}
        isLabelHidden
        value={account.appid}
        onChange={choose}
        hint={all.length > 1 ? say('accountHint') : undefined}
        options={all.map((one) => ({
          id: one.appid,
          name: accountName(one),
          about: [
            say('accountAbout', { appid: one.appid, rate: one.ratePerS }),
            one.quietHours !== null && say('accountQuiet', one.quietHours),
            one.state === 'paused' && say('accountPaused'),
          ]
            .filter(Boolean)
            .join(' · '),
        }))}
      />
    </Section>
  );
}
