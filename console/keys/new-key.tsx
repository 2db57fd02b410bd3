import { type ReactNode, useState } from 'react';
import type { Permission } from '../../src/contract/permissions.ts';
import { together } from '../../src/texts/catalogue.ts';
import { keysWords } from '../../src/texts/console/access/keys.ts';
import { permissionWords } from '../../src/texts/console/access/permissions.ts';
import { partsWords } from '../../src/texts/console/parts.ts';
import { AccountsChoice } from '../parts/accounts-choice.tsx';
import { useChange } from '../parts/api.ts';
import { fieldProblem } from '../parts/call.ts';
import { MomentField } from '../parts/date/date-field.tsx';
import { FormDialog, SecretDialog } from '../parts/dialog.tsx';
import { Checkbox, Field } from '../parts/field.tsx';
import { useWords } from '../parts/language.tsx';
import { Notice } from '../parts/notice.tsx';
import { useMe } from '../parts/session.ts';
import { fromZoned, useZone } from '../parts/time.tsx';
import css from './page.module.css';

/** What a program needs that sends messages and looks what became of them. */
const usual: readonly Permission[] = ['message.send', 'message.read'];

/** Two steps: what the key may do, then the key itself, once. */
export function NewKey({ onClose }: { onClose(): void }): ReactNode {
  const say = useWords(keysWords);
  const sayPermission = useWords(permissionWords);
  const sayPart = useWords(partsWords);
  const me = useMe();
  const zone = useZone();
  const [name, setName] = useState('');
  const [chosen, setChosen] = useState<readonly Permission[]>(
    usual.filter((one) => me.permissions.includes(one)),
  );
  const [accounts, setAccounts] = useState<readonly string[] | null>(me.accounts);
  const [rate, setRate] = useState('');
  const [expires, setExpires] = useState('');
  const create = useChange('POST /v1/keys', { rereads: ['GET /v1/keys'] });
  const isRate = /^\d*$/.test(rate.trim());
  const submit = (): void => {
    create.mutate({
      body: {
        name,
        permissions: [...chosen],
        accounts: accounts === null ? null : [...accounts],
        ratePerS: rate.trim() === '' ? null : Number(rate),
        expiresAt: expires === '' ? null : fromZoned(expires, zone),
      },
    });
  };
  if (create.data !== undefined) {
    return (
      <SecretDialog title={create.data.name} done={say('done')} secret={create.data.key} onClose={onClose}>
        <Notice tone="warn" title={say('shownOnce')}>
          {say('shownOnceHint')}
        </Notice>
      </SecretDialog>
    );
  }
  return (
    <FormDialog
      title={say('create')}
      submit={say('make')}
      change={create}
      isReady={name.trim() !== '' && chosen.length > 0 && accounts?.length !== 0 && isRate}
      onSubmit={submit}
      onClose={onClose}
    >
      <Field
        label={say('name')}
        value={name}
        onChange={setName}
        hint={say('nameHint')}
        isRequired
        autoFocus
      />
      <fieldset className={css.permissions}>
        <legend>{say('permissions')}</legend>
        {/* Nobody gives away what they have not got. */}
        {me.permissions.map((one) => (
          <Checkbox
            key={one}
            isSelected={chosen.includes(one)}
            onChange={(is) => setChosen(is ? [...chosen, one] : chosen.filter((other) => other !== one))}
          >
            {sayPermission(one)} <code className={css.small}>{one}</code>
          </Checkbox>
        ))}
      </fieldset>
      {chosen.length === 0 && <Notice tone="warn">{say('needPermission')}</Notice>}
      <AccountsChoice label={say('accounts')} value={accounts} onChange={setAccounts} />
      <Field
        label={say('rate')}
        value={rate}
        onChange={setRate}
        hint={say('rateHint')}
        error={isRate ? fieldProblem(create.error, 'ratePerS') : say('wholeNumber')}
        inputMode="numeric"
      />
      <MomentField
        label={say('expires')}
        value={expires}
        onChange={setExpires}
        hint={together(say('expiresHint'), sayPart('zone', { zone }))}
      />
    </FormDialog>
  );
}
