import { type ReactNode, useEffect, useRef, useState } from 'react';
import { newCampaignWords } from '../../src/texts/console/new-campaign.ts';
import { type Account, chooseAccount, useAccounts } from '../parts/account.tsx';
import { ButtonLink } from '../parts/button.tsx';
import { Failure } from '../parts/failure.tsx';
import { useWords } from '../parts/language.tsx';
import { Empty, Loading } from '../parts/notice.tsx';
import { Page } from '../parts/page.tsx';
import { useSearch } from '../parts/router.tsx';
import { type Stored, useStored } from './kept-draft.ts';
import { Wizard } from './wizard.tsx';

export default function NewCampaignPage(): ReactNode {
  const say = useWords(newCampaignWords);
  const { current } = useAccounts();
  if (current !== null) return <OneDraft key={current.appid} account={current} />;
  return (
    <Page title={say('title')}>
      <Empty title={say('noAccount')} action={<ButtonLink href="/start">{say('toStart')}</ButtonLink>} />
    </Page>
  );
}

/** The draft that the address names, or a new one, which gets its name in the address once something is typed. */
function OneDraft({ account }: { account: Account }): ReactNode {
  const given = useSearch().get('draft') ?? '';
  const own = useRef<string | null>(null);
  const [fresh, setFresh] = useState(0);
  const isOwn = given !== '' && given === own.current;
  useEffect(() => {
    // Somebody wants another one, from the menu.
    if (given !== '' || own.current === null) return;
    own.current = null;
    setFresh((n) => n + 1);
  }, [given]);
  return (
    <Opened
      key={isOwn || given === '' ? `new ${fresh}` : given}
      account={account}
      id={/^\d{1,15}$/.test(given) && !isOwn ? Number(given) : null}
      onCreated={(id) => {
        own.current = String(id);
      }}
    />
  );
}

function Opened({
  account,
  id,
  onCreated,
}: {
  account: Account;
  id: number | null;
  onCreated(id: number): void;
}): ReactNode {
  const say = useWords(newCampaignWords);
  const { all } = useAccounts();
  const [first] = useState(id);
  const { stored, error } = useStored(first);
  const owner = useOwner(stored, account, all);
  if (stored === undefined || owner !== null) {
    return error === null ? (
      <Loading rows={6} />
    ) : (
      <Page title={say('title')}>
        <Failure error={error} />
      </Page>
    );
  }
  // One that is gone, or of an account that is not seen, is begun anew.
  const usable = stored !== null && stored.appid === account.appid ? stored : null;
  return (
    <Wizard
      account={account}
      stored={usable}
      isGone={first !== null && usable === null}
      onCreated={onCreated}
    />
  );
}

/** A draft of another account brings its account along; null: it is of this one, or of none that is seen. */
function useOwner(
  stored: Stored | null | undefined,
  account: Account,
  all: readonly Account[],
): string | null {
  const owner =
    stored != null && stored.appid !== account.appid && all.some(({ appid }) => appid === stored.appid)
      ? stored.appid
      : null;
  useEffect(() => {
    if (owner !== null) chooseAccount(owner);
  }, [owner]);
  return owner;
}
