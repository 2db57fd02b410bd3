import { type ReactNode, useEffect, useRef, useState } from 'react';
import { newCampaignWords } from '../../src/texts/console/new-campaign.ts';
import { type Account, useAccounts } from '../parts/account.tsx';
import { useChange, useRead } from '../parts/api.ts';
import { Button, ButtonLink } from '../parts/button.tsx';
import { isProblem } from '../parts/call.ts';
import { Failure } from '../parts/failure.tsx';
import { useWords } from '../parts/language.tsx';
import { Empty, Loading, Notice } from '../parts/notice.tsx';
import { Page, Section } from '../parts/page.tsx';
import { navigate, useSearch } from '../parts/router.tsx';
import { Select } from '../parts/select.tsx';
import { useZone } from '../parts/time.tsx';
import { Audience } from './audience.tsx';
import { Content } from './content.tsx';
import { audienceOf, messageOf, withRow } from './draft.ts';
import { Drafts } from './drafts.tsx';
import { type KeptDraft, type Stored, useKeptDraft, useStored } from './kept-draft.ts';
import css from './new-campaign.module.css';
import { Preview } from './preview.tsx';
import { SendTest } from './send-test.tsx';
import { TimeOf } from './time.tsx';

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
  const [first] = useState(id);
  const { stored, error } = useStored(first);
  if (stored === undefined) {
    return error === null ? (
      <Loading rows={6} />
    ) : (
      <Page title={say('title')}>
        <Failure error={error} />
      </Page>
    );
  }
  // One that is gone, or of another account, is begun anew.
  const usable = stored !== null && stored.appid === account.appid ? stored : null;
  return (
    <NewCampaign
      account={account}
      stored={usable}
      isGone={first !== null && usable === null}
      onCreated={onCreated}
    />
  );
}

/** Template, content, audience, test, time, top to bottom, the phone beside them; then the plan is looked at and confirmed. */
function NewCampaign({
  account,
  stored,
  isGone,
  onCreated,
}: {
  account: Account;
  stored: Stored | null;
  isGone: boolean;
  onCreated(id: number): void;
}): ReactNode {
  const say = useWords(newCampaignWords);
  const { appid } = account;
  const zone = useZone();
  const search = useSearch();
  const found = useRead('GET /v1/accounts/{appid}/templates', { params: { appid } });
  const templates = (found.data?.data ?? []).filter(({ goneAt }) => goneAt === null);
  const templateOf = (id: string) => templates.find(({ templateId }) => templateId === id);
  const keeping = useKeptDraft({
    ...{ appid, stored, zone, onCreated },
    templateId: search.get('template') ?? '',
    uploadId: search.get('upload'),
    about(draft) {
      const one = templateOf(draft.templateId);
      return { channel: one?.channel ?? '', name: one?.title ?? '' };
    },
  });
  const { draft, change } = keeping;
  const template = templateOf(draft.templateId);
  const channel = template?.channel ?? '';
  const [isAsked, setAsked] = useState(false);
  const [at, setAt] = useState(0);
  const isFile = draft.audience === 'upload' && draft.uploadId !== null;
  const upload = useRead('GET /v1/audiences/{id}', { params: { id: draft.uploadId ?? 0 } }, { isOn: isFile });
  const rows = isFile ? (upload.data?.first ?? []) : [];
  const plan = useChange('POST /v1/drafts/{id}/plan', {
    onDone: ({ campaign }) => navigate(`/campaigns/${campaign.id}`),
  });
  const [isPlanning, setPlanning] = useState(false);
  const isWhole = template?.fields.every(({ key }) => (draft.values[key] ?? '').trim() !== '') ?? false;
  const submit = async (): Promise<void> => {
    setAsked(true);
    if (!isWhole || audienceOf(draft) === null) return;
    setPlanning(true);
    try {
      const { id, revision } = await keeping.settled();
      await plan.mutateAsync({ params: { id }, body: { revision, again: draft.again } });
    } catch {
      // Whatever it was is shown below.
    } finally {
      setPlanning(false);
    }
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
    <Page
      title={say('title')}
      about={
        <>
          {say('about')} <Kept of={keeping} />
        </>
      }
    >
      {isGone && <Notice tone="warn">{say('draftGone')}</Notice>}
      <Changed of={keeping} />
      {stored === null && draft.templateId === '' && <Drafts appid={appid} />}
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
              <Content
                account={account}
                template={template}
                draft={draft}
                isAsked={isAsked}
                onChange={change}
              />
              <Audience account={account} draft={draft} onChange={change} />
              <SendTest
                account={account}
                channel={channel}
                message={messageOf(withRow(draft, rows[at]?.values), channel)}
              />
              <TimeOf account={account} draft={draft} onChange={change} />
              <Failure error={plan.error} />
              {isAsked && !isWhole && <Notice tone="warn">{say('someMissing')}</Notice>}
              {isAsked && audienceOf(draft) === null && <Notice tone="warn">{say('noAudience')}</Notice>}
              <div>
                <Button kind="primary" isPending={isPlanning} onPress={() => void submit()}>
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

/** Whether the server has what is seen. */
function Kept({ of: { isKept, error } }: { of: KeptDraft }): ReactNode {
  const say = useWords(newCampaignWords);
  if (error !== null) return null;
  return <span role="status">{say(isKept ? 'kept' : 'keeping')}</span>;
}

/** Two tabs, or two people, at one draft: nothing is written over before somebody has chosen. */
function Changed({ of: { error, overwrite } }: { of: KeptDraft }): ReactNode {
  const say = useWords(newCampaignWords);
  if (error === null) return null;
  if (!isProblem(error, 'DRAFT_CHANGED')) return <Failure error={error} />;
  return (
    <Notice
      tone="warn"
      title={say('changedElsewhere')}
      actions={
        <>
          <Button onPress={() => location.reload()}>{say('takeTheirs')}</Button>
          <Button kind="quiet" onPress={overwrite}>
            {say('keepMine')}
          </Button>
        </>
      }
    >
      {error.message}
    </Notice>
  );
}
