import type { ReactNode } from 'react';
import { accountWords } from '../../src/texts/console/accounts.ts';
import type { Account } from '../parts/account.tsx';
import { useChange } from '../parts/api.ts';
import { Failure } from '../parts/failure.tsx';
import { Switch } from '../parts/field.tsx';
import { useWords } from '../parts/language.tsx';
import { Copyable } from '../parts/notice.tsx';
import { Facts, Section } from '../parts/page.tsx';
import { useMay } from '../parts/session.ts';
import { toast } from '../parts/toast.tsx';

/** Whether programs that speak WeChat may use the account at an address of this server. */
export function Relay({ account: { appid, wxRelay } }: { account: Account }): ReactNode {
  const say = useWords(accountWords);
  const may = useMay();
  const save = useChange('PATCH /v1/accounts/{appid}', {
    rereads: ['GET /v1/accounts', 'GET /v1/accounts/{appid}'],
    onDone: (saved) => toast(say(saved.wxRelay ? 'relay.nowOn' : 'relay.nowOff')),
  });
  return (
    <Section title={say('relay.title')} about={say('relay.about')}>
      <Switch
        isSelected={wxRelay}
        isDisabled={!may('account.manage') || save.isPending}
        onChange={(next) => save.mutate({ params: { appid }, body: { wxRelay: next } })}
      >
        {say('relay.switch')}
      </Switch>
      <Failure error={save.error} />
      {wxRelay && (
        <Facts
          rows={[
            [say('relay.address'), <Copyable key="address" text={`${location.origin}/wx/${appid}`} />],
            ['AppSecret', say('relay.secret')],
          ]}
        />
      )}
    </Section>
  );
}
