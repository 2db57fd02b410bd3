import type { ReactNode } from 'react';
import { contactsWords } from '../../src/texts/console/contacts.ts';
import { type Account, accountName, useAccounts } from '../parts/account.tsx';
import { useList, useRead } from '../parts/api.ts';
import { ButtonLink } from '../parts/button.tsx';
import { DeliveryTable } from '../parts/delivery/delivery-table.tsx';
import { Failure } from '../parts/failure.tsx';
import { useWords } from '../parts/language.tsx';
import { Copyable, Empty, Loading, Notice } from '../parts/notice.tsx';
import { Facts, Page, Section } from '../parts/page.tsx';
import { useMay } from '../parts/session.ts';
import { More } from '../parts/table.tsx';
import { Time } from '../parts/time.tsx';
import { Credits } from './credits.tsx';
import { Erase } from './erase.tsx';
import { Suppression } from './suppression.tsx';
import { type Contact, Follows, PersonTags, useTags } from './tags.tsx';

export default function PersonPage({
  params: { openid = '' },
}: {
  params: Record<string, string>;
}): ReactNode {
  const say = useWords(contactsWords);
  const { current } = useAccounts();
  if (current !== null) {
    return <Person key={`${current.appid} ${openid}`} account={current} openid={openid} />;
  }
  return (
    <Page title={openid}>
      <Empty title={say('noAccount')} />
    </Page>
  );
}

/** Somebody of whom only the openid is known may have got messages, so the rest of the page does not depend on the contact. */
function Person({ account, openid }: { account: Account; openid: string }): ReactNode {
  const say = useWords(contactsWords);
  const may = useMay();
  const { appid } = account;
  // By the list, where somebody that nobody knows is no failure.
  const found = useRead('GET /v1/contacts', { query: { appid, openid } });
  const contact = found.data?.data[0];
  return (
    <Page
      title={openid}
      about={
        <>
          {contact !== undefined && <Follows of={contact} />} {accountName(account)}
        </>
      }
      actions={<ButtonLink href="/contacts">{say('all')}</ButtonLink>}
    >
      {found.isPending && <Loading />}
      <Failure error={found.error} onRetry={() => void found.refetch()} />
      {found.data !== undefined && contact === undefined && <Notice>{say('unknownPerson')}</Notice>}
      {contact !== undefined && <Known contact={contact} account={account} />}
      {may('message.read') && <Got appid={appid} openid={openid} />}
      <Credits appid={appid} openid={openid} />
      <Suppression appid={appid} openid={openid} />
      {may('contact.manage') && <Erase appid={appid} openid={openid} />}
    </Page>
  );
}

function Known({ contact, account }: { contact: Contact; account: Account }): ReactNode {
  const say = useWords(contactsWords);
  const tags = useTags(account);
  const { openid, unionid, remark, subscribeScene } = contact;
  const time = (name: string, at: string | null): readonly [string, ReactNode] | null =>
    at === null ? null : [name, <Time key={name} at={at} precision="second" />];
  return (
    <Section>
      <Facts
        rows={[
          [say('person'), <Copyable key="openid" text={openid} />, 'long'],
          unionid === null ? null : ['unionid', <Copyable key="unionid" text={unionid} />, 'long'],
          remark === null || remark === '' ? null : [say('remark'), remark],
          [say('tags'), <PersonTags key="tags" of={contact} tags={tags} />],
          time(say('since'), contact.subscribedAt),
          time(say('left'), contact.unfollowedAt),
          subscribeScene === null ? null : [say('scene'), sceneOf(say, subscribeScene)],
          time(say('firstSeen'), contact.firstSeenAt),
          time(say('detailed'), contact.detailedAt),
        ]}
      />
    </Section>
  );
}

const scenes = [
  ...([
    'SEARCH',
    'ACCOUNT_MIGRATION',
    'PROFILE_CARD',
    'QR_CODE',
    'PROFILE_LINK',
    'PROFILE_ITEM',
    'PAID',
  ] as const),
  ...(['WECHAT_ADVERTISEMENT', 'REPRINT', 'LIVESTREAM', 'CHANNELS', 'WXA', 'OTHERS'] as const),
];

/** WeChat's `subscribe_scene` in words; one that is not known yet as it came. */
function sceneOf(say: (key: `scene.${(typeof scenes)[number]}`) => string, scene: string): ReactNode {
  const known = scenes.find((one) => scene === `ADD_SCENE_${one}`);
  return known === undefined ? <code>{scene}</code> : say(`scene.${known}`);
}

function Got({ appid, openid }: { appid: string; openid: string }): ReactNode {
  const say = useWords(contactsWords);
  const found = useList('GET /v1/deliveries', { query: { appid, touser: openid } });
  return (
    <>
      <Failure error={found.error} onRetry={() => void found.refetch()} />
      <Section title={say('got')} isFlush>
        {found.isPending && <Loading />}
        {found.rows?.length === 0 && <Empty title={say('gotNothing')} />}
        {found.rows !== undefined && found.rows.length > 0 && <DeliveryTable rows={found.rows} isOfOne />}
        <More
          hasMore={found.hasNextPage}
          isLoading={found.isFetchingNextPage}
          onMore={() => void found.fetchNextPage()}
        />
      </Section>
    </>
  );
}
