import { type FormEvent, type ReactNode, useState } from 'react';
import { campaignsWords } from '../../src/texts/console/campaigns.ts';
import { useChange } from '../parts/api.ts';
import { Button } from '../parts/button.tsx';
import { Failure } from '../parts/failure.tsx';
import { Checkbox } from '../parts/field.tsx';
import { useWords } from '../parts/language.tsx';
import { Section } from '../parts/page.tsx';
import { navigate } from '../parts/router.tsx';
import { useMay } from '../parts/session.ts';
import css from './campaigns.module.css';
import type { Report } from './words.ts';

/** To whom it did not get: each group with its count and its warning. */
export function Resend({ of: report }: { of: Report }): ReactNode {
  const say = useWords(campaignsWords);
  const may = useMay();
  const counts = { failed: report.rejected, unsent: report.unsent, unknown: report.unknown };
  const groups = (['failed', 'unsent', 'unknown'] as const).filter((one) => counts[one] > 0);
  const [chosen, setChosen] = useState<readonly (keyof typeof counts)[]>([]);
  const resend = useChange('POST /v1/campaigns/{id}/resend', {
    onDone: ({ campaign }) => navigate(`/campaigns/${campaign.id}`),
  });
  if (groups.length === 0 || !may('campaign.create')) return null;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    resend.mutate({ params: { id: report.id }, body: { what: [...chosen] } });
  };
  return (
    <Section title={say('resend.title')} about={say('resend.about')}>
      <form className={css.column} onSubmit={submit}>
        {groups.map((one) => (
          <Checkbox
            key={one}
            isSelected={chosen.includes(one)}
            onChange={(is) => setChosen(is ? [...chosen, one] : chosen.filter((other) => other !== one))}
          >
            {say(`resend.${one}`, { count: counts[one] })}{' '}
            <span className={one === 'unknown' ? css.warn : css.small}>{say(`resend.${one}Hint`)}</span>
          </Checkbox>
        ))}
        <div>
          <Button type="submit" isDisabled={chosen.length === 0} isPending={resend.isPending}>
            {say('resend.do')}
          </Button>
        </div>
        <Failure error={resend.error} />
      </form>
    </Section>
  );
}
