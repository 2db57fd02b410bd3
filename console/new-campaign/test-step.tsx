import { type ReactNode, useState } from 'react';
import { newCampaignWords } from '../../src/texts/console/new-campaign.ts';
import type { Account } from '../parts/account.tsx';
import { useChange } from '../parts/api.ts';
import { Button, ButtonLink } from '../parts/button.tsx';
import { Failure } from '../parts/failure.tsx';
import { useWords } from '../parts/language.tsx';
import { Notice } from '../parts/notice.tsx';
import { Section } from '../parts/page.tsx';
import { Select } from '../parts/select.tsx';
import { useMay } from '../parts/session.ts';
import css from './new-campaign.module.css';

/** One message to somebody of the test list, now. */
export function TestStep({
  account: { appid, testOpenids },
  channel,
  message,
  onTested,
}: {
  account: Account;
  channel: string;
  message: Record<string, unknown>;
  onTested(): void;
}): ReactNode {
  const say = useWords(newCampaignWords);
  const may = useMay();
  const [touser, setTouser] = useState(testOpenids[0] ?? '');
  const test = useChange('POST /v1/campaigns/test', {
    onDone: ({ kind }) => kind === 'accepted' && onTested(),
  });
  if (!may('campaign.test')) return <Notice>{say('testNotAllowed')}</Notice>;
  const { data } = test;
  return (
    <Section title={say('test')} about={say('testHint')}>
      {testOpenids.length === 0 ? (
        <Notice actions={<ButtonLink href={`/accounts/${appid}`}>{say('toAccount')}</ButtonLink>}>
          {say('testNobody')}
        </Notice>
      ) : (
        <div className={css.line}>
          <Select
            label={say('testTo')}
            value={touser}
            onChange={setTouser}
            options={testOpenids.map((one) => ({ id: one, name: one }))}
          />
          <Button
            isPending={test.isPending}
            onPress={() => test.mutate({ body: { appid, channel, message, touser } })}
          >
            {say('testDo')}
          </Button>
        </div>
      )}
      <Failure error={test.error} />
      {data !== undefined && (
        <Notice
          tone={data.kind === 'accepted' ? 'good' : 'danger'}
          title={data.kind === 'accepted' ? say('testOk') : (data.explanation ?? data.kind)}
        >
          {[data.errcode ? `${data.errcode} ${data.errmsg ?? ''}` : null, data.rid && `rid ${data.rid}`]
            .filter(Boolean)
            .join(' · ')}
        </Notice>
      )}
    </Section>
  );
}
