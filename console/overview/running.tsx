import { type ReactNode, useEffect, useRef, useState } from 'react';
import { Link } from 'react-aria-components';
import { campaignsWords } from '../../src/texts/console/campaigns.ts';
import { overviewWords } from '../../src/texts/console/overview.ts';
import { type EntryOf, useRead } from '../parts/api.ts';
import { CampaignState } from '../parts/campaign/campaign-state.tsx';
import { rateNow } from '../parts/campaign/pace.ts';
import { useWords } from '../parts/language.tsx';
import { type Told, useTold } from '../parts/live.ts';
import { Bar } from '../parts/notice.tsx';
import { Section } from '../parts/page.tsx';
import css from './overview.module.css';

type Campaign = EntryOf<'GET /v1/campaigns'>;

const everyMs = 3_000;
/** Rows that are followed; whoever runs more looks at the list. */
const most = 6;

export function Running({ campaigns }: { campaigns: readonly Campaign[] }): ReactNode {
  const say = useWords(overviewWords);
  const rate = useLiveRate();
  return (
    <Section
      title={say('running')}
      about={rate === null ? undefined : say('liveRate', { rate: Math.round(rate) })}
    >
      <ul className={css.running}>
        {campaigns.slice(0, most).map((campaign) => (
          <Row key={campaign.id} of={campaign} />
        ))}
      </ul>
      {campaigns.length > most && (
        <Link href="/campaigns">{say('moreRunning', { count: campaigns.length - most })}</Link>
      )}
    </Section>
  );
}

function Row({ of: campaign }: { of: Campaign }): ReactNode {
  const say = useWords(campaignsWords);
  const params = { id: campaign.id };
  const isConcerned = ({ campaigns }: Told): boolean => campaigns.some(({ id }) => id === campaign.id);
  const report = useRead('GET /v1/campaigns/{id}', { params }, { everyMs, isConcerned }).data;
  const isRunning = campaign.state === 'running';
  const activity = useRead(
    'GET /v1/campaigns/{id}/activity',
    { params, query: { span: 'recent' } },
    { isOn: isRunning, everyMs },
  ).data;
  const { planned } = campaign.counts;
  // Nothing is said of it before it is known: 0 would be a number.
  const done = report === undefined ? null : planned - report.unsent;
  const rate = rateNow(activity);
  const name = say('name', { id: String(campaign.id) });
  return (
    <li className={css.run}>
      <Link href={`/campaigns/${campaign.id}`}>{name}</Link>
      <CampaignState of={campaign} />
      <div className={css.bar}>
        <Bar value={done ?? 0} of={planned} label={name} />
      </div>
      <span className={css.number}>{done !== null && say('settled', { done, planned })}</span>
      <span className={css.rate}>{rate !== null && say('speed', { rate: Math.round(rate) })}</span>
    </li>
  );
}

const windowMs = 10_000;

/** Answers a second over all campaigns, as the stream tells them; null while nothing was told of for a while. */
function useLiveRate(): number | null {
  const before = useRef(new Map<number, number>());
  const told = useRef<{ at: number; answered: number }[]>([]);
  const [rate, setRate] = useState<number | null>(null);
  useTold(({ campaigns }) => {
    const at = performance.now();
    let answered = 0;
    for (const one of campaigns) {
      const now = one.accepted + one.rejected + one.unknown + one.held;
      answered += Math.max(0, now - (before.current.get(one.id) ?? now));
      before.current.set(one.id, now);
    }
    told.current.push({ at, answered });
  });
  useEffect(() => {
    const timer = setInterval(() => {
      const now = performance.now();
      told.current = told.current.filter(({ at }) => at > now - windowMs);
      const first = told.current[0];
      const sum = told.current.reduce((total, { answered }) => total + answered, 0);
      setRate(first === undefined || now - first.at < 2_000 ? null : (sum / (now - first.at)) * 1_000);
    }, 2_000);
    return () => clearInterval(timer);
  }, []);
  return rate;
}
