import type { ReactNode } from 'react';
import { newCampaignWords } from '../../src/texts/console/new-campaign.ts';
import type { Account } from '../parts/account.tsx';
import { useRead } from '../parts/api.ts';
import { UploadList } from '../parts/audience/upload-list.tsx';
import { Failure } from '../parts/failure.tsx';
import { Choice, Field } from '../parts/field.tsx';
import { useWords } from '../parts/language.tsx';
import { Section } from '../parts/page.tsx';
import { Select } from '../parts/select.tsx';
import type { Draft } from './draft.ts';
import css from './new-campaign.module.css';

const kinds = ['all', 'tag', 'list', 'upload'] as const;
/** No tag: an id of its own, since none is empty. */
const noTag = 'none';

/** Whom it goes to, and who is left out of them. */
export function Audience({
  account: { appid, kind },
  draft,
  onChange,
}: {
  account: Account;
  draft: Draft;
  onChange(change: Partial<Draft>): void;
}): ReactNode {
  const say = useWords(newCampaignWords);
  const hasFollowers = kind !== 'miniprogram';
  const tags = useRead('GET /v1/accounts/{appid}/tags', { params: { appid } }, { isOn: hasFollowers });
  const syncs = useRead(
    'GET /v1/accounts/{appid}/follower-syncs',
    { params: { appid }, query: { limit: 5 } },
    { isOn: hasFollowers },
  );
  const followers = syncs.data?.data.find(({ state }) => state === 'done')?.seen;
  const options = (tags.data?.data ?? []).map(({ id, name, count }) => ({
    id: String(id),
    name: say('tagCount', { name, count: count.toLocaleString('en-US') }),
  }));
  return (
    <Section title={say('audience')}>
      <Choice
        label={say('audience')}
        value={draft.audience}
        onChange={(audience) => onChange({ audience })}
        options={kinds
          .filter((id) => id !== 'tag' || hasFollowers)
          .map((id) => ({
            id,
            name: say(`audience.${id}`),
            ...(id === 'all' && followers !== undefined
              ? { about: say('followers', { count: followers.toLocaleString('en-US') }) }
              : {}),
          }))}
      />
      {draft.audience === 'tag' && (
        <>
          <Select
            label={say('tag')}
            value={draft.tag}
            placeholder={say('chooseTag')}
            onChange={(tag) => onChange({ tag })}
            options={options}
          />
          <Failure error={tags.error} onRetry={() => void tags.refetch()} />
        </>
      )}
      {draft.audience === 'list' && (
        <Field
          label={say('openids')}
          value={draft.openids}
          onChange={(openids) => onChange({ openids })}
          hint={say('openidsHint')}
          rows={4}
          mono
        />
      )}
      {draft.audience === 'upload' && (
        <UploadList appid={appid} id={draft.uploadId} onRead={({ id: uploadId }) => onChange({ uploadId })} />
      )}
      <div className={css.fields}>
        {hasFollowers && (
          <Select
            label={say('exceptTag')}
            value={draft.exceptTag === '' ? noTag : draft.exceptTag}
            onChange={(tag) => onChange({ exceptTag: tag === noTag ? '' : tag })}
            options={[{ id: noTag, name: say('nobody') }, ...options]}
          />
        )}
        <Field
          label={say('exceptCampaigns')}
          value={draft.exceptCampaigns}
          onChange={(exceptCampaigns) => onChange({ exceptCampaigns })}
          hint={say('exceptCampaignsHint')}
        />
      </div>
      <p className={css.small}>{say('exceptAlways')}</p>
    </Section>
  );
}
