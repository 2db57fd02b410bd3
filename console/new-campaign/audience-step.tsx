import { type ReactNode, useState } from 'react';
import { filtersWords } from '../../src/texts/console/filters.ts';
import { newCampaignWords } from '../../src/texts/console/new-campaign.ts';
import type { Account } from '../parts/account.tsx';
import { useRead } from '../parts/api.ts';
import { type Filter, FilterCount, FilterDialog } from '../parts/audience/filter-dialog.tsx';
import { UploadList } from '../parts/audience/upload-list.tsx';
import { Button } from '../parts/button.tsx';
import { Failure } from '../parts/failure.tsx';
import { Choice, Field } from '../parts/field.tsx';
import { useWords } from '../parts/language.tsx';
import { Section } from '../parts/page.tsx';
import { Select } from '../parts/select.tsx';
import { useMay } from '../parts/session.ts';
import type { Person } from './audience-rows.ts';
import { type Draft, listed } from './draft.ts';
import css from './new-campaign.module.css';
import { Variables } from './variables.tsx';

const kinds = ['all', 'tag', 'filter', 'list', 'upload'] as const;
/** No tag: an id of its own, since none is empty. */
const noTag = 'none';

/** Whom it goes to, and who is left out of them. */
export function AudienceStep({
  account: { appid, kind },
  draft,
  filters,
  columns,
  person,
  onChange,
}: {
  account: Account;
  draft: Draft;
  filters: readonly Filter[];
  columns: readonly string[] | null;
  person: Person | undefined;
  onChange(change: Partial<Draft>): void;
}): ReactNode {
  const say = useWords(newCampaignWords);
  const may = useMay();
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
  const isOffered = { all: true, tag: hasFollowers, filter: may('contact.read'), list: true, upload: true };
  return (
    <>
      <Section>
        <Choice
          label={say('audience')}
          isLabelHidden
          value={draft.audience}
          onChange={(audience) => onChange({ audience })}
          options={kinds
            .filter((id) => isOffered[id])
            .map((id) => ({
              id,
              name: say(id === 'all' && !hasFollowers ? 'audience.everybody' : `audience.${id}`),
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
        {draft.audience === 'filter' && (
          <ByFilter {...{ appid, draft, filters, hasFollowers }} onChange={onChange} />
        )}
        {draft.audience === 'list' && (
          <Field
            label={say('openids')}
            value={draft.openids}
            onChange={(openids) => onChange({ openids })}
            hint={say('openidsHint', { count: listed(draft.openids).length })}
            rows={5}
            mono
          />
        )}
        {draft.audience === 'upload' && (
          <UploadList
            appid={appid}
            id={draft.uploadId}
            onRead={({ id: uploadId }) => onChange({ uploadId })}
          />
        )}
      </Section>
      <Variables draft={draft} columns={columns} person={person} onChange={onChange} />
      <Section title={say('except')} about={say('exceptAlways')}>
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
      </Section>
    </>
  );
}

/** A saved filter is chosen, changed, or made here, with how many it finds now. */
function ByFilter({
  appid,
  draft,
  filters,
  hasFollowers,
  onChange,
}: {
  appid: string;
  draft: Draft;
  filters: readonly Filter[];
  hasFollowers: boolean;
  onChange(change: Partial<Draft>): void;
}): ReactNode {
  const say = useWords(filtersWords);
  const [open, setOpen] = useState<Filter | 'new' | null>(null);
  const chosen = filters.find(({ id }) => String(id) === draft.filter);
  return (
    <>
      {filters.length === 0 && <p className={css.small}>{say('none')}</p>}
      <div className={css.line}>
        {filters.length > 0 && (
          <div className={css.grow}>
            <Select<string>
              label={say('filter')}
              value={chosen === undefined ? '' : draft.filter}
              placeholder={say('choose')}
              onChange={(filter) => onChange({ filter })}
              options={filters.map(({ id, name }) => ({ id: String(id), name }))}
            />
          </div>
        )}
        {chosen !== undefined && <Button onPress={() => setOpen(chosen)}>{say('edit')}</Button>}
        <Button icon="plus" onPress={() => setOpen('new')}>
          {say('create')}
        </Button>
      </div>
      {chosen !== undefined && <FilterCount appid={appid} rules={chosen.rules} />}
      {open !== null && (
        <FilterDialog
          {...{ appid, hasFollowers }}
          of={open === 'new' ? null : open}
          onSaved={({ id }) => onChange({ filter: String(id) })}
          onClose={() => setOpen(null)}
        />
      )}
    </>
  );
}
