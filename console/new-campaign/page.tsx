import { type ReactNode, useDeferredValue, useState } from 'react';
import { newCampaignWords } from '../../src/texts/console/new-campaign.ts';
import { type Account, accountName, useAccounts } from '../parts/account.tsx';
import { useChange, useRead } from '../parts/api.ts';
import { Button, ButtonLink, IconButton } from '../parts/button.tsx';
import { Failure } from '../parts/failure.tsx';
import { Checkbox, Field } from '../parts/field.tsx';
import { useWords } from '../parts/language.tsx';
import { PhoneCard } from '../parts/message/phone-card.tsx';
import { Empty, Loading, Notice } from '../parts/notice.tsx';
import { Page, Section } from '../parts/page.tsx';
import { navigate, useSearch } from '../parts/router.tsx';
import { Select } from '../parts/select.tsx';
import { fromZoned, useZone } from '../parts/time.tsx';
import { Audience } from './audience.tsx';
import { Content } from './content.tsx';
import { type Draft, forgetDraft, messageOf, useDraft, variablesOf, withRow } from './draft.ts';
import css from './new-campaign.module.css';
import { SendTest } from './send-test.tsx';

export default function NewCampaignPage(): ReactNode {
  const say = useWords(newCampaignWords);
  const { current } = useAccounts();
  if (current !== null) return <NewCampaign key={current.appid} account={current} />;
  return (
    <Page title={say('title')}>
      <Empty title={say('noAccount')} />
    </Page>
  );
}

/** Template, content, audience, test, time, top to bottom, the phone beside them; then the plan is looked at and confirmed. */
function NewCampaign({ account }: { account: Account }): ReactNode {
  const say = useWords(newCampaignWords);
  const { appid } = account;
  const zone = useZone();
  const wanted = useSearch().get('template') ?? '';
  const [draft, change] = useDraft(appid, wanted);
  const found = useRead('GET /v1/accounts/{appid}/templates', { params: { appid } });
  const templates = (found.data?.data ?? []).filter(({ goneAt }) => goneAt === null);
  const template = templates.find(({ templateId }) => templateId === draft.templateId);
  const channel = template?.channel ?? '';
  const create = useChange('POST /v1/campaigns', {
    onDone: ({ campaign }) => {
      forgetDraft(appid);
      navigate(`/campaigns/${campaign.id}`);
    },
  });
  const [at, setAt] = useState(0);
  const isFile = draft.audience === 'upload' && draft.uploadId !== null;
  const upload = useRead('GET /v1/audiences/{id}', { params: { id: draft.uploadId ?? 0 } }, { isOn: isFile });
  const rows = isFile ? (upload.data?.first ?? []) : [];
  const audience = audienceOf(draft);
  const plan = (): void => {
    if (audience === null) return;
    create.mutate({
      body: {
        ...{ appid, channel, message: messageOf(draft, channel), audience, again: draft.again },
        ...(draft.startAt === '' ? {} : { startAt: fromZoned(draft.startAt, zone) }),
        ...(draft.validUntil === '' ? {} : { validUntil: fromZoned(draft.validUntil, zone) }),
      },
    });
  };
  if (found.isPending) return <Loading rows={6} />;
  if (templates.length === 0) {
    return (
      <Page title={say('title')}>
        <Failure error={found.error} onRetry={() => void found.refetch()} />
        <Empty
          title={say('noTemplates')}
          action={<ButtonLink href="/templates">{say('toTemplates')}</ButtonLink>}
        />
      </Page>
    );
  }
  return (
    <Page title={say('title')} about={say('about')}>
      <div className={css.both}>
        <div className={css.column}>
          <Section title={say('template')}>
            <Select
              label={say('template')}
              isLabelHidden
              value={template === undefined ? '' : template.templateId}
              placeholder={say('choose')}
              onChange={(templateId) => change({ templateId, values: {} })}
              options={templates.map(({ templateId, title }) => ({
                id: templateId,
                name: title,
                about: templateId,
              }))}
            />
          </Section>
          {template !== undefined && (
            <>
              <Content account={account} template={template} draft={draft} onChange={change} />
              <Audience appid={appid} draft={draft} onChange={change} />
              <SendTest
                account={account}
                channel={channel}
                message={messageOf(withRow(draft, rows[at]?.values ?? {}), channel)}
              />
              <Section title={say('time')}>
                <div className={css.fields}>
                  <Field
                    label={say('startAt')}
                    type="datetime-local"
                    value={draft.startAt}
                    onChange={(startAt) => change({ startAt })}
                    hint={`${say('startHint')} ${zone}`}
                  />
                  <Field
                    label={say('validUntil')}
                    type="datetime-local"
                    value={draft.validUntil}
                    onChange={(validUntil) => change({ validUntil })}
                    hint={`${say('validHint')} ${zone}`}
                  />
                </div>
                <Checkbox isSelected={draft.again} onChange={(again) => change({ again })}>
                  {say('again')}
                </Checkbox>
              </Section>
              <Failure error={create.error} />
              <div>
                <Button
                  kind="primary"
                  isPending={create.isPending}
                  isDisabled={audience === null}
                  onPress={plan}
                >
                  {say('plan')}
                </Button>
              </div>
            </>
          )}
        </div>
        <Preview account={account} draft={draft} channel={channel} rows={rows} at={at} onAt={setAt} />
      </div>
    </Page>
  );
}

function audienceOf({ audience, openids, uploadId }: Draft) {
  if (audience === 'all') return { kind: 'all' as const };
  if (audience === 'upload') return uploadId === null ? null : { kind: 'upload' as const, id: uploadId };
  const list = openids.split(/[\s,|]+/).filter((one) => one !== '');
  return list.length === 0 ? null : { kind: 'list' as const, openids: list };
}

function Preview({
  account,
  draft,
  channel,
  rows,
  at,
  onAt,
}: {
  account: Account;
  draft: Draft;
  channel: string;
  /** The first rows of the audience, one of which is looked at. */
  rows: readonly { values: Record<string, string> }[];
  at: number;
  onAt(at: number): void;
}): ReactNode {
  const say = useWords(newCampaignWords);
  const looked = useDeferredValue(draft);
  const row = rows[at];
  const preview = useRead(
    'POST /v1/accounts/{appid}/templates/{templateId}/preview',
    {
      params: { appid: account.appid, templateId: looked.templateId },
      body: { data: {}, ...messageOf(looked, channel), variables: variablesOf(looked, row?.values ?? {}) },
    },
    { isOn: looked.templateId !== '' && channel !== '' },
  );
  return (
    <aside className={css.phone}>
      <div className={css.head}>
        <h2>{say('preview')}</h2>
        {rows.length > 1 && (
          <span>
            <IconButton
              icon="chevronLeft"
              label={say('previous')}
              isDisabled={at === 0}
              onPress={() => onAt(at - 1)}
            />
            <IconButton
              icon="chevronRight"
              label={say('next')}
              isDisabled={at + 1 >= rows.length}
              onPress={() => onAt(at + 1)}
            />
          </span>
        )}
      </div>
      <Failure error={preview.error} />
      {preview.data === undefined ? (
        <Notice>{say('previewWait')}</Notice>
      ) : (
        <PhoneCard source={accountName(account)} card={preview.data.card} />
      )}
    </aside>
  );
}
