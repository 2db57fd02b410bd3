import type { ReactNode } from 'react';
import type { Permission } from '../../src/contract/permissions.ts';
import { overviewWords } from '../../src/texts/console/overview.ts';
import { accountName, useAccounts } from '../parts/account.tsx';
import { type EntryOf, useList, useRead } from '../parts/api.ts';
import { ButtonLink } from '../parts/button.tsx';
import { useStandstill } from '../parts/errcodes.ts';
import { useWords } from '../parts/language.tsx';
import { Section } from '../parts/page.tsx';
import { useMay } from '../parts/session.ts';
import { Time } from '../parts/time.tsx';
import css from './overview.module.css';

type Campaign = EntryOf<'GET /v1/campaigns'>;

interface Need {
  href: string;
  text: string;
  /** What the button does, for somebody who may; else it only shows. */
  action: 'confirm' | 'approve' | 'resume' | 'look';
  at: string | null;
}

const everyMs = 30_000;
const neededFor: Record<Need['action'], Permission | null> = {
  confirm: 'campaign.send',
  approve: 'campaign.approve',
  resume: 'campaign.send',
  look: null,
};

/** What happened, since when, one button each; first of all. */
export function Needs({ campaigns }: { campaigns: readonly Campaign[] }): ReactNode {
  const say = useWords(overviewWords);
  const may = useMay();
  const items = [
    ...useNodes(),
    ...useAccountNeeds(),
    ...useCampaignNeeds(campaigns),
    ...useSchedules(),
    ...useHooks(),
  ];
  return (
    <Section title={say('needs')}>
      {items.length === 0 ? (
        <p className={css.quiet}>{say('nothing')}</p>
      ) : (
        <ul className={css.needs}>
          {items.map(({ href, text, action, at }) => {
            const needed = neededFor[action];
            return (
              <li key={`${href} ${text}`}>
                <span className={css.text}>{text}</span>
                {at !== null && (
                  <span className={css.quiet}>
                    <Time at={at} />
                  </span>
                )}
                <ButtonLink href={href}>
                  {say(`do.${needed === null || may(needed) ? action : 'look'}`)}
                </ButtonLink>
              </li>
            );
          })}
        </ul>
      )}
    </Section>
  );
}

/** Nobody plans and delivers: all stands still. */
function useNodes(): Need[] {
  const say = useWords(overviewWords);
  const may = useMay();
  const found = useRead('GET /v1/nodes', {}, { isOn: may('node.read'), everyMs });
  if (found.data === undefined || found.data.nodes.length > 0) return [];
  return [{ href: '/nodes', text: say('need.node'), action: 'look', at: null }];
}

function useAccountNeeds(): Need[] {
  const say = useWords(overviewWords);
  const { all } = useAccounts();
  const standstill = useStandstill();
  return all
    .filter(({ state }) => state === 'paused')
    .map((account) => {
      const name = accountName(account);
      const reason = account.stateReason;
      const text =
        reason === null || reason === 'operator'
          ? say('need.account', { name })
          : say('need.refused', { name, reason: standstill({ reason }) });
      return { href: `/accounts/${account.appid}`, text, action: 'look', at: null };
    });
}

function useCampaignNeeds(campaigns: readonly Campaign[]): Need[] {
  const say = useWords(overviewWords);
  const standstill = useStandstill();
  return campaigns.flatMap(({ id, next, counts, plannedAt, reason, detail }): Need[] => {
    if (next === null) return [];
    const values = { id: String(id), count: counts.planned };
    const href = `/campaigns/${id}`;
    switch (next) {
      case 'confirm':
      case 'approve':
        return [{ href, text: say(`need.${next}`, values), action: next, at: plannedAt }];
      case 'cancel':
        return [{ href, text: say('need.cancel', { id: values.id }), action: 'look', at: plannedAt }];
      case 'resume': {
        const why = reason === null || reason === 'operator' ? '' : standstill({ reason, detail });
        const text =
          why === '' ? say('need.resume', { id: values.id }) : say('need.stopped', { id: values.id, why });
        return [{ href, text, action: 'resume', at: null }];
      }
      default:
        return [];
    }
  });
}

/** A time that was missed and has had no run since. */
function useSchedules(): Need[] {
  const say = useWords(overviewWords);
  const may = useMay();
  const found = useList('GET /v1/schedules', {}, { isOn: may('campaign.read'), everyMs });
  return (found.rows ?? []).flatMap(({ id, lastMissed, pausedAt }) =>
    lastMissed === null || pausedAt !== null
      ? []
      : [
          {
            href: '/schedules',
            text: say('need.missed', { id: String(id), time: lastMissed.replace('T', ' ') }),
            action: 'look' as const,
            at: null,
          },
        ],
  );
}

function useHooks(): Need[] {
  const say = useWords(overviewWords);
  const may = useMay();
  const found = useList('GET /v1/webhooks', {}, { isOn: may('webhook.manage'), everyMs });
  return (found.rows ?? [])
    .filter(({ state, downSince, dead }) => state === 'active' && (downSince !== null || dead > 0))
    .map(({ id, host, downSince, dead }) => ({
      href: `/webhooks/${id}`,
      text: downSince === null ? say('need.dead', { host, count: dead }) : say('need.hook', { host }),
      action: 'look',
      at: downSince,
    }));
}
