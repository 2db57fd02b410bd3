import type { ReactNode } from 'react';
import { campaignsWords } from '../../src/texts/console/campaigns.ts';
import { partsWords } from '../../src/texts/console/parts.ts';
import { Button } from '../parts/button.tsx';
import { type OutcomeName, OutcomeSign } from '../parts/delivery/outcome.tsx';
import { useWords } from '../parts/language.tsx';
import { Section } from '../parts/page.tsx';
import css from './funnel.module.css';
import { grouped, isMoving, type Report } from './words.ts';

type Part = readonly [name: OutcomeName, count: number];

/**
 * What WeChat answered of all, and below it, as wide as its share, what became of the accepted ones. Each number is a button that
 * shows these people.
 */
export function Funnel({ of: report, onShow }: { of: Report; onShow(name: OutcomeName): void }): ReactNode {
  const say = useWords(campaignsWords);
  const { planned } = report.counts;
  const { receipts, accepted } = report;
  const failed = receipts.failed.system + receipts.failed.frequency + receipts.failed.other;
  const answers: Part[] = [
    ['accepted', accepted],
    ['rejected', report.rejected],
    ['unknown', report.unknown],
    ['held', report.held],
    [isMoving(report.state) ? 'waiting' : 'unsent', report.unsent],
  ];
  const received: Part[] = [
    ['delivered', receipts.delivered],
    ['blocked', receipts.blocked],
    ['failed', failed],
    ['receiptDue', receipts.waiting],
    ['noReceipt', receipts.late],
  ];
  return (
    <Section title={say('funnel')}>
      <Level
        title={say('funnel.answers', { planned })}
        of={planned}
        width={1}
        parts={answers}
        keeps={['accepted', 'rejected']}
        onShow={onShow}
      />
      {accepted > 0 &&
        (receipts.expected === 'yes' ? (
          <Level
            title={say(receipts.waiting > 0 ? 'funnel.receiptsComing' : 'funnel.receipts', { accepted })}
            of={accepted}
            width={planned === 0 ? 0 : accepted / planned}
            parts={received}
            keeps={['delivered']}
            onShow={onShow}
          />
        ) : (
          <p className={css.about}>
            {say(receipts.expected === 'channel' ? 'noReceiptsOfChannel' : 'noReceipts')}
          </p>
        ))}
    </Section>
  );
}

function Level({
  title,
  of: whole,
  width,
  parts,
  keeps,
  onShow,
}: {
  title: string;
  of: number;
  width: number;
  parts: readonly Part[];
  /** Shown although there are none. */
  keeps: readonly OutcomeName[];
  onShow(name: OutcomeName): void;
}): ReactNode {
  const say = useWords(campaignsWords);
  const sayPart = useWords(partsWords);
  const shown = parts.filter(([name, count]) => count > 0 || keeps.includes(name));
  return (
    <div className={css.level}>
      <h3 className={css.title}>{title}</h3>
      <div className={css.track} style={{ width: `${width * 100}%` }} aria-hidden="true">
        {shown
          // Nobody is not a sliver, however small the least one is drawn.
          .filter(([, count]) => count > 0)
          .map(([name, count]) => (
            <span key={name} className={css[name]} style={{ flexGrow: count }} />
          ))}
      </div>
      <ul className={css.parts}>
        {shown.map(([name, count]) => (
          <li key={name}>
            <Button
              kind="quiet"
              aria-label={say('show', { what: sayPart(`outcome.${name}`), count })}
              onPress={() => onShow(name === 'waiting' ? 'unsent' : name)}
            >
              <span className={css.part}>
                <span className={css.name}>
                  <OutcomeSign name={name} /> {sayPart(`outcome.${name}`)}
                </span>
                <span className={css.count}>{grouped(count)}</span>
                <span className={css.share}>{count > 0 && percent(count, whole)}</span>
              </span>
            </Button>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** One digit, and never a round 0 or 100 % that it is not. */
function percent(count: number, whole: number): string {
  if (whole === 0) return '–';
  const share = (count / whole) * 100;
  if (count > 0 && share < 0.1) return '< 0.1%';
  if (count < whole && share > 99.9) return '> 99.9%';
  return `${share.toFixed(1)}%`;
}
