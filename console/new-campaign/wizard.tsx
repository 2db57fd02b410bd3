import { type ReactNode, type RefObject, useEffect, useRef, useState } from 'react';
import { gapBetween } from '../../src/texts/catalogue.ts';
import { newCampaignWords } from '../../src/texts/console/new-campaign.ts';
import { type Account, accountName } from '../parts/account.tsx';
import { useRead } from '../parts/api.ts';
import { Button, ButtonLink } from '../parts/button.tsx';
import { isProblem } from '../parts/call.ts';
import { Drafts } from '../parts/campaign/drafts.tsx';
import { Failure } from '../parts/failure.tsx';
import { useWords } from '../parts/language.tsx';
import { Empty, Loading, Notice } from '../parts/notice.tsx';
import { Page } from '../parts/page.tsx';
import { navigate, useSearch, withQuery } from '../parts/router.tsx';
import { useMay } from '../parts/session.ts';
import { useZone } from '../parts/time.tsx';
import { AccountStep } from './account-step.tsx';
import { useAudienceRows } from './audience-rows.ts';
import { AudienceStep } from './audience-step.tsx';
import { ChecksStep } from './checks-step.tsx';
import { ConfirmStep } from './confirm-step.tsx';
import { ContentStep, useWrongFields } from './content-step.tsx';
import { type Draft, emptyDraft, messageOf, withRow } from './draft.ts';
import { audienceOf, type KeptDraft, type Stored, useKeptDraft } from './kept-draft.ts';
import css from './new-campaign.module.css';
import { Preview } from './preview.tsx';
import { Rail } from './rail.tsx';
import { firstOpen, type Known, type Missing, missingIn, reachable, type StepId, stepIds } from './steps.ts';
import { TemplateStep } from './template-step.tsx';
import { TestStep } from './test-step.tsx';
import { TimeStep } from './time-step.tsx';
import { usePlan } from './use-plan.ts';
import { useAudienceName, useWhenName } from './words.ts';

/** One step at a time, its name in the address; what was chosen stands at the left, the phone at the right. */
export function Wizard({
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
  const may = useMay();
  const { appid } = account;
  const zone = useZone();
  const search = useSearch();
  const found = useRead('GET /v1/accounts/{appid}/templates', { params: { appid } });
  const filters = useRead(
    'GET /v1/accounts/{appid}/filters',
    { params: { appid }, query: { limit: 1000 } },
    { isOn: may('contact.read') },
  );
  const templates = (found.data?.data ?? []).filter(({ goneAt }) => goneAt === null);
  const templateOf = (id: string) => templates.find(({ templateId }) => templateId === id);
  const keeping = useKeptDraft({
    ...{ appid, stored, zone, onCreated, isReady: found.data !== undefined },
    templateId: search.get('template') ?? '',
    audience: audienceOf(search),
    about(draft) {
      const one = templateOf(draft.templateId);
      return { channel: one?.channel ?? '', name: one?.title ?? '' };
    },
  });
  const { draft, change } = keeping;
  const template = templateOf(draft.templateId);
  const channel = template?.channel ?? '';
  const saved = filters.data?.data ?? [];
  const { people, columns, name } = useAudienceRows(account, draft, saved);
  const [at, setAt] = useState(0);
  const person = people[Math.min(at, people.length - 1)];
  const plan = usePlan(keeping);
  const wrong = useWrongFields(account, template, draft);
  const [isTested, setTested] = useState(false);
  const [asked, setAsked] = useState<StepId | null>(null);
  const known: Known = {
    zone,
    fields: template?.fields ?? null,
    wrong: wrong.map(({ key }) => key),
    columns,
    isChecked: plan.isChecked,
    planned: plan.plan?.campaign.counts.planned ?? null,
  };
  const step = useStep(draft, known, found.data !== undefined);
  const heading = useHeading(step);
  const seen = useSeen(step);
  const names = { audience: useAudienceName(draft, name), when: useWhenName(draft) };
  useLeave(plan.campaign);
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
  const missing = missingIn(step, draft, known);
  const message = messageOf(withRow(draft, person?.values), channel);
  const isAsked = asked === step;
  const chosen: Partial<Record<StepId, string>> = {
    account: accountName(account),
    ...(template === undefined ? {} : { template: template.title }),
    ...(missingIn('content', draft, known).length > 0 || template === undefined
      ? {}
      : { content: say('contentChosen', { count: template.fields.length }) }),
    ...(names.audience === null ? {} : { audience: names.audience }),
    ...(known.planned === null
      ? {}
      : { checks: say('people', { count: known.planned.toLocaleString('en-US') }) }),
    test: say(isTested ? 'tested' : 'untested'),
    ...(names.when === null ? {} : { time: names.when }),
  };
  const unchosen: StepId[] = [
    ...(draft.audience === emptyDraft.audience ? (['audience'] as const) : []),
    ...(known.isChecked ? [] : (['checks'] as const)),
    ...(isTested ? [] : (['test'] as const)),
    ...(draft.when === emptyDraft.when ? (['time'] as const) : []),
  ];
  return (
    <Page
      title={say('title')}
      about={
        <>
          {say('about')}
          {gapBetween(say('about'))}
          {search.has('draft') && <Kept of={keeping} />}
        </>
      }
    >
      {isGone && <Notice tone="warn">{say('draftGone')}</Notice>}
      <Changed of={keeping} />
      <div className={css.wizard}>
        <Rail at={step} furthest={reachable('confirm', draft, known)} {...{ seen, chosen, unchosen }} />
        <div className={css.column}>
          <header>
            <h2 ref={heading} tabIndex={-1} className={css.heading}>
              {say(`step.${step}`)}
            </h2>
            <p className={css.about}>{say(`about.${step}`, { zone })}</p>
          </header>
          {step === 'account' && <AccountStep account={account} isBegun={stored !== null} />}
          {step === 'template' && <TemplateStep templates={templates} draft={draft} onChange={change} />}
          {step === 'content' && template !== undefined && (
            <ContentStep
              {...{ account, template, draft, isAsked, wrong, columns, person }}
              onChange={change}
            />
          )}
          {step === 'audience' && (
            <AudienceStep {...{ account, draft, columns, person }} filters={saved} onChange={change} />
          )}
          {step === 'checks' && <ChecksStep plan={plan} />}
          {step === 'test' && (
            <TestStep
              account={account}
              channel={channel}
              message={message}
              onTested={() => setTested(true)}
            />
          )}
          {step === 'time' && <TimeStep account={account} draft={draft} onChange={change} />}
          {step === 'confirm' && template !== undefined && (
            <ConfirmStep
              {...{ account, template, draft, keeping, plan, isTested }}
              audience={names.audience ?? ''}
            />
          )}
          {isAsked && missing.length > 0 && <MissingHere of={missing} />}
          <Ways
            step={step}
            heading={heading}
            isBlocked={missing.length > 0}
            isWaiting={step === 'checks' && plan.isPlanning}
            onAsked={() => setAsked(step)}
          />
        </div>
        <Preview
          {...{ account, template, draft, channel, people }}
          at={Math.max(0, Math.min(at, people.length - 1))}
          onAt={setAt}
        />
      </div>
      {stored === null && (step === 'account' || step === 'template') && <Drafts appid={appid} />}
    </Page>
  );
}

/** The step that the address names, as far as one may be there; the address follows what is shown. */
function useStep(draft: Draft, known: Known, isReady: boolean): StepId {
  const given = useSearch().get('step');
  const wished = stepIds.find((one) => one === given) ?? firstOpen(draft, known);
  const shown = isReady ? reachable(wished, draft, known) : wished;
  useEffect(() => {
    if (isReady && given !== shown) navigate(withQuery({ step: shown }), { replace: true });
  }, [isReady, given, shown]);
  return shown;
}

/** Another step was opened: whoever listens hears its name first, and Tab goes on from there. */
function useHeading(step: StepId): RefObject<HTMLHeadingElement | null> {
  const heading = useRef<HTMLHeadingElement>(null);
  const last = useRef<StepId | null>(null);
  useEffect(() => {
    if (heading.current === null) return;
    if (last.current !== null && last.current !== step) heading.current.focus();
    last.current = step;
  });
  return heading;
}

/** The last step that was opened. */
function useSeen(step: StepId): StepId {
  const seen = useRef(step);
  if (stepIds.indexOf(step) > stepIds.indexOf(seen.current)) seen.current = step;
  return seen.current;
}

/** Confirmed here, in another tab or by somebody else: there is nothing to write any more. */
function useLeave(campaign: { id: number; confirmedBy: string | null } | undefined): void {
  const id = campaign?.confirmedBy == null ? null : campaign.id;
  useEffect(() => {
    if (id !== null) navigate(`/campaigns/${id}`, { replace: true });
  }, [id]);
}

/** Back, and on to the next step, or what is missing and the first field of it. */
function Ways({
  step,
  heading,
  isBlocked,
  isWaiting,
  onAsked,
}: {
  step: StepId;
  heading: RefObject<HTMLHeadingElement | null>;
  isBlocked: boolean;
  isWaiting: boolean;
  onAsked(): void;
}): ReactNode {
  const say = useWords(newCampaignWords);
  const index = stepIds.indexOf(step);
  const [before, after] = [stepIds[index - 1], stepIds[index + 1]];
  const go = (): void => {
    onAsked();
    if (!isBlocked && after !== undefined) navigate(withQuery({ step: after }));
    // What is wrong is marked with the next drawing.
    else
      requestAnimationFrame(() =>
        heading.current?.closest('div')?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus(),
      );
  };
  return (
    <footer className={css.ways}>
      {before !== undefined && (
        <Button icon="chevronLeft" onPress={() => navigate(withQuery({ step: before }))}>
          {say('back')}
        </Button>
      )}
      {after !== undefined && (
        <div className={css.next}>
          <Button kind="primary" isPending={isWaiting} onPress={go}>
            {say('next', { name: say(`step.${after}`) })}
          </Button>
        </div>
      )}
    </footer>
  );
}

function MissingHere({ of: missing }: { of: readonly Missing[] }): ReactNode {
  const say = useWords(newCampaignWords);
  return (
    <Notice tone="danger" title={say('missing')}>
      {missing.map((one) => (
        <p key={one}>{say(`missing.${one}`)}</p>
      ))}
    </Notice>
  );
}

/** Whether the server has what is seen. */
function Kept({ of: { isKept, error } }: { of: KeptDraft }): ReactNode {
  const say = useWords(newCampaignWords);
  if (error !== null) return null;
  return <span role="status">{say(isKept ? 'kept' : 'keeping')}</span>;
}

/** Two tabs, or two people, at one draft: nothing is written over before somebody has chosen. */
function Changed({ of: { error, overwrite, takeTheirs, retry } }: { of: KeptDraft }): ReactNode {
  const say = useWords(newCampaignWords);
  if (error === null) return null;
  if (!isProblem(error, 'DRAFT_CHANGED')) return <Failure error={error} onRetry={retry} />;
  return (
    <Notice
      tone="warn"
      title={say('changedElsewhere')}
      actions={
        <>
          <Button onPress={takeTheirs}>{say('takeTheirs')}</Button>
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
