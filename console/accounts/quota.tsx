import { type FormEvent, type ReactNode, useState } from 'react';
import { accountWords } from '../../src/texts/console/accounts.ts';
import { partsWords } from '../../src/texts/console/parts.ts';
import type { Account } from '../parts/account.tsx';
import { useChange, useRead } from '../parts/api.ts';
import { Button } from '../parts/button.tsx';
import { fieldProblem } from '../parts/call.ts';
import { ClockField } from '../parts/date/date-field.tsx';
import { Failure } from '../parts/failure.tsx';
import { Field } from '../parts/field.tsx';
import { useWords } from '../parts/language.tsx';
import { Bar, Loading } from '../parts/notice.tsx';
import { Section } from '../parts/page.tsx';
import { useMay } from '../parts/session.ts';
import { Table } from '../parts/table.tsx';
import { formatTime, useZone } from '../parts/time.tsx';
import { toast } from '../parts/toast.tsx';
import css from './accounts.module.css';

const everyMs = 30_000;

export function Quota({ account }: { account: Account }): ReactNode {
  const { appid } = account;
  const may = useMay();
  const say = useWords(accountWords);
  const zone = useZone();
  const quota = useRead('GET /v1/accounts/{appid}/quota', { params: { appid } }, { everyMs });
  const time = (at: string): string => formatTime(new Date(at), zone, 'minute');
  return (
    <Section
      title={say('quota.title')}
      about={quota.data && say('quota.reset', { time: time(quota.data.nextReset) })}
      isFlush={quota.data !== undefined}
    >
      {quota.isPending && <Loading rows={2} />}
      <Failure error={quota.error} onRetry={() => void quota.refetch()} />
      {quota.data && (
        <Table
          label={say('quota.title')}
          rows={quota.data.apis}
          rowKey={({ path }) => path}
          columns={[
            {
              id: 'api',
              name: say('quota.api'),
              cell: ({ path, parkedUntil }) => (
                <>
                  <code>{path}</code>
                  {parkedUntil !== null && (
                    <div className={css.warn}>{say('quota.parked', { time: time(parkedUntil) })}</div>
                  )}
                </>
              ),
            },
            {
              id: 'bar',
              name: '',
              isExtra: true,
              width: '160px',
              cell: ({ used, limit, path }) => limit !== null && <Bar value={used} of={limit} label={path} />,
            },
            {
              id: 'used',
              name: say('quota.used'),
              align: 'right',
              cell: ({ used }) => used.toLocaleString('en-US'),
            },
            {
              id: 'limit',
              name: say('quota.limit'),
              align: 'right',
              cell: ({ limit, source }) =>
                limit === null ? (
                  say('quota.unknown')
                ) : (
                  <>
                    {limit.toLocaleString('en-US')}{' '}
                    <span className={css.small}>{say(`quota.source.${source}`)}</span>
                  </>
                ),
            },
            {
              id: 'left',
              name: say('quota.left'),
              align: 'right',
              cell: ({ left }) => (left === null ? '' : left.toLocaleString('en-US')),
            },
          ]}
        />
      )}
      {may('account.manage') && quota.data && <Kept account={account} />}
    </Section>
  );
}

/** What WeChat does not tell: how much campaigns leave over, and when its day starts. */
function Kept({ account: { appid, quotaReservePercent, quotaReset } }: { account: Account }): ReactNode {
  const say = useWords(accountWords);
  const sayPart = useWords(partsWords);
  const [reserve, setReserve] = useState(String(quotaReservePercent));
  const [reset, setReset] = useState(quotaReset);
  const isNumber = /^\d{1,2}$/.test(reserve.trim());
  const save = useChange('PATCH /v1/accounts/{appid}/quota', {
    rereads: ['GET /v1/accounts/{appid}', 'GET /v1/accounts', 'GET /v1/accounts/{appid}/quota'],
    onDone: () => toast(say('saved')),
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    save.mutate({ params: { appid }, body: { reservePercent: Number(reserve), reset } });
  };
  return (
    <form className={css.kept} onSubmit={submit}>
      <Field
        label={say('quota.reserve')}
        value={reserve}
        onChange={setReserve}
        hint={say('quota.reserveHint')}
        error={isNumber ? fieldProblem(save.error, 'reservePercent') : say('wholeNumber')}
        inputMode="numeric"
      />
      <ClockField
        label={say('quota.resetAt')}
        isRequired
        value={reset}
        onChange={setReset}
        hint={say('quota.resetAtHint')}
        error={fieldProblem(save.error, 'reset')}
      />
      <Button
        type="submit"
        isPending={save.isPending}
        isDisabled={
          !isNumber || reset === '' || (Number(reserve) === quotaReservePercent && reset === quotaReset)
        }
      >
        {sayPart('save')}
      </Button>
      <Failure error={save.error} />
    </form>
  );
}
