import type { ReactNode } from 'react';
import type { Permission } from '../../src/contract/permissions.ts';
import { overviewWords } from '../../src/texts/console/overview.ts';
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
  const items = [...useNodes(), ...useIncidents(), ...useCampaignNeeds(campaigns)];
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

/** What is wrong, as whoever is alerted is told. A campaign that is paused is among those that wait for somebody. */
function useIncidents(): Need[] {
  const may = useMay();
  const query = { state: 'open', limit: 100 } as const;
  const found = useList('GET /v1/incidents', { query }, { isOn: may('account.read'), everyMs });
  return (found.rows ?? [])
    .filter(({ kind }) => kind !== 'campaign-paused')
    .map(({ path, title, why, since }) => ({
      href: path,
      text: `${title} · ${why}`,
      action: 'look',
      at: since,
    }));
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
