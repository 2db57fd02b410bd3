import type { ReactNode } from 'react';
import { Link } from 'react-aria-components';
import { gapBetween, together } from '../../../src/texts/catalogue.ts';
import { checksWords } from '../../../src/texts/console/checks.ts';
import type { AnswerOf } from '../api.ts';
import { Icon, type IconName } from '../icon.tsx';
import { type Say, useWords } from '../language.tsx';
import { Section } from '../page.tsx';
import { formatTime } from '../time.tsx';
import css from './checks.module.css';

export type Planned = AnswerOf<'GET /v1/campaigns/{id}/plan'>;

type Level = 'good' | 'note' | 'warn' | 'bad';
const signs: Record<Level, IconName> = { good: 'check', note: 'info', warn: 'warning', bad: 'close' };

interface Check {
  id: string;
  level: Level;
  name: string;
  /** A number of people where it is one, else a few words. */
  value: string;
  /** Nothing where the number says it all. */
  about?: ReactNode;
  action?: ReactNode;
}

type SayChecks = Say<typeof checksWords>;
const grouped = (n: number): string => n.toLocaleString('en-US');

/** Everything that is looked at before a number is typed, in the same order each time: how it stands, and what to do about it. */
export function Checks({ of: plan }: { of: Planned }): ReactNode {
  const say = useWords(checksWords);
  return (
    <Section isFlush>
      <ul className={css.checks} aria-label={say('title')}>
        {[...peopleChecks(say, plan), ...paceChecks(say, plan)].map(
          ({ id, level, name, value, about, action }) => (
            <li key={id} className={css.check}>
              <span className={css[level]}>
                <Icon name={signs[level]} />
                <span className="hidden">{say(`level.${level}`)}</span>
              </span>
              <span className={css.name}>{name}</span>
              <span className={css.value}>{value}</span>
              {about !== undefined && <span className={css.about}>{about}</span>}
              {action !== undefined && <span className={css.action}>{action}</span>}
            </li>
          ),
        )}
      </ul>
    </Section>
  );
}

function peopleChecks(say: SayChecks, plan: Planned): Check[] {
  const { counts, id } = plan.campaign;
  const { credits, leftOut } = plan;
  const by = (...codes: string[]): number =>
    leftOut.filter(({ code }) => codes.includes(code)).reduce((sum, { count }) => sum + count, 0);
  /** People that are left out, where that is nobody's mistake. */
  const out = (
    name: 'duplicate' | 'suppressed' | 'fatigue' | 'unfollowed' | 'excluded' | 'erased',
    count: number,
  ): Check => ({
    ...{ id: name, name: say(name), value: grouped(count) },
    level: count === 0 ? 'good' : 'note',
    ...(count > 0 ? { about: say(`${name}.do`) } : {}),
  });
  const erased = by('erased');
  return [
    {
      ...{ id: 'planned', name: say('planned'), value: say('people', { count: grouped(counts.planned) }) },
      level: counts.planned === 0 ? 'bad' : 'good',
      about:
        counts.planned === 0 ? say('planned.none') : say('plannedOf', { audience: grouped(counts.audience) }),
    },
    ...(credits === null ? [] : creditChecks(say, plan, credits)),
    {
      ...{ id: 'invalid', name: say('invalid'), value: grouped(counts.invalid) },
      level: counts.invalid === 0 ? 'good' : 'warn',
      ...(counts.invalid === 0
        ? {}
        : {
            about: say('invalid.do'),
            action: (
              <a href={`/v1/campaigns/${id}/export?dropped=true&withColumns=true`} download>
                {say('download')}
              </a>
            ),
          }),
    },
    out('duplicate', counts.duplicate),
    out('suppressed', by('suppressed')),
    out('fatigue', by('fatigue')),
    ...(counts.unfollowed > 0 ? [out('unfollowed', counts.unfollowed)] : []),
    ...(by('excluded-file', 'excluded-tag', 'excluded-campaign') > 0
      ? [out('excluded', by('excluded-file', 'excluded-tag', 'excluded-campaign'))]
      : []),
    ...(erased > 0 ? [out('erased', erased)] : []),
  ];
}

function creditChecks(say: SayChecks, plan: Planned, credits: Record<string, number>): Check[] {
  const { reachable = 0, unknown = 0, noCredit = 0 } = credits;
  return [
    {
      ...{ id: 'reachable', name: say('reachable'), value: grouped(reachable) },
      level: reachable > 0 ? 'good' : 'note',
      ...(reachable > 0 ? { about: say('reachable.do') } : {}),
    },
    {
      ...{ id: 'unknown', name: say('unknown'), value: grouped(unknown) },
      level: unknown > 0 ? 'warn' : 'good',
      about: say(unknown > 0 ? 'unknown.do' : 'unknown.none'),
    },
    {
      ...{ id: 'noCredit', name: say('noCredit'), value: grouped(noCredit) },
      level: noCredit > 0 ? 'warn' : 'good',
      ...(noCredit > 0
        ? { about: say(plan.campaign.includeNoCredit ? 'noCredit.sent' : 'noCredit.do') }
        : {}),
    },
  ];
}

function paceChecks(say: SayChecks, plan: Planned): Check[] {
  const { quota, quietHours, approvalAbove, hasCanary, timeZone, ratePerS, seconds } = plan;
  return [
    ...(quota === null
      ? []
      : [
          {
            ...{ id: 'quota', name: say('quota'), value: grouped(quota.left) },
            level: quota.short > 0 ? ('warn' as const) : ('good' as const),
            about: together(
              quota.short > 0
                ? say('quota.short', {
                    short: grouped(quota.short),
                    time: formatTime(new Date(quota.reset), timeZone, 'minute'),
                  })
                : say('quota.enough'),
              ...(quota.source === 'default' ? [say('quota.default')] : []),
            ),
          },
        ]),
    ...(plan.campaign.channel === 'oa-template' ? [heldCheck(say, plan)] : []),
    {
      ...{ id: 'duration', level: 'note', name: say('duration'), value: durationOf(say, seconds) },
      about: say('duration.about', { rate: ratePerS }),
    },
    ...(quietHours === null
      ? []
      : [
          {
            ...{ id: 'quiet', level: 'note' as const, name: say('quiet') },
            value: `${quietHours.from} – ${quietHours.to}`,
            about: together(say('quiet.do'), timeZone),
          },
        ]),
    ...(hasCanary
      ? [
          {
            id: 'canary',
            level: 'note' as const,
            name: say('canary'),
            value: '1,000',
            about: say('canary.do'),
          },
        ]
      : []),
    ...(approvalAbove === null
      ? []
      : [
          {
            ...{ id: 'approval', level: 'note' as const, name: say('approval'), value: say('needed') },
            about: say('approval.do', { limit: grouped(approvalAbove) }),
          },
        ]),
  ];
}

/** What WeChat's review did to the last campaign says most of what it will do to this one. */
function heldCheck(say: SayChecks, { lastCanary: last }: Planned): Check {
  if (last === null)
    return { id: 'held', level: 'note', name: say('held'), value: '–', about: say('held.none') };
  const { held, of, campaign, isSameTemplate, mostHeldPercent } = last;
  const isHigh = held > 0 && (mostHeldPercent === null || held * 100 >= of * mostHeldPercent);
  const said = say(isSameTemplate ? 'held.same' : 'held.other', {
    ...{ held: grouped(held), of: grouped(of), id: String(campaign) },
  });
  return {
    ...{ id: 'held', level: isHigh ? 'warn' : 'good', name: say('held') },
    value: `${((held / of) * 100).toFixed(held > 0 && held * 100 < of ? 1 : 0)}%`,
    about: (
      <>
        <Link href={`/campaigns/${campaign}`}>{said}</Link>
        {gapBetween(said)}
        {isHigh && say('held.high')}
      </>
    ),
  };
}

/** As exact as anybody can plan by. */
export function durationOf(say: SayChecks, seconds: number): string {
  if (seconds < 90) return say('seconds', { n: Math.max(1, Math.ceil(seconds)) });
  if (seconds < 5400) return say('minutes', { n: Math.ceil(seconds / 60) });
  return say('hours', { n: Math.ceil(seconds / 3600) });
}
