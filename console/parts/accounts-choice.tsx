import { type ReactNode, useState } from 'react';
import { partsWords } from '../../src/texts/console/parts.ts';
import { accountName, useAccounts } from './account.tsx';
import css from './accounts-choice.module.css';
import { Checkbox, Choice, Field } from './field.tsx';
import { useWords } from './language.tsx';

/** More than these are searched. */
const searchedFrom = 12;

/** The accounts that a member or a key is limited to, by name; `null` is all of them, those to come included. */
export function AccountsChoice({
  label,
  value,
  onChange,
}: {
  label: string;
  value: readonly string[] | null;
  onChange(value: readonly string[] | null): void;
}): ReactNode {
  const say = useWords(partsWords);
  const { all } = useAccounts();
  const [search, setSearch] = useState('');
  const chosen = value ?? [];
  // One that was removed since is still to be seen, and to be taken out.
  const gone = chosen.filter((appid) => !all.some((one) => one.appid === appid));
  const fits = (text: string): boolean => text.toLowerCase().includes(search.trim().toLowerCase());
  const set = (appid: string, is: boolean): void =>
    onChange(is ? [...chosen, appid] : chosen.filter((one) => one !== appid));
  return (
    <div className={css.accounts}>
      <Choice
        label={label}
        value={value === null ? 'all' : 'some'}
        onChange={(next) => onChange(next === 'all' ? null : [])}
        options={[
          { id: 'all', name: say('accounts.all') },
          { id: 'some', name: say('accounts.some') },
        ]}
      />
      {value !== null && (
        <fieldset className={css.list} aria-label={label}>
          {all.length > searchedFrom && (
            <Field label={say('accounts.search')} value={search} onChange={setSearch} />
          )}
          {all
            .filter((one) => fits(accountName(one)) || fits(one.appid))
            .map((one) => (
              <Checkbox
                key={one.appid}
                isSelected={chosen.includes(one.appid)}
                onChange={(is) => set(one.appid, is)}
              >
                {accountName(one)} <code className={css.appid}>{one.appid}</code>
              </Checkbox>
            ))}
          {gone.map((appid) => (
            <Checkbox key={appid} isSelected onChange={(is) => set(appid, is)}>
              <code>{appid}</code> <span className={css.appid}>{say('accounts.gone')}</span>
            </Checkbox>
          ))}
          {chosen.length === 0 && <div className={css.appid}>{say('accounts.none')}</div>}
        </fieldset>
      )}
    </div>
  );
}

/** The names of accounts, as a list shows them. */
export function AccountNames({
  of: appids,
  all: every,
}: {
  of: readonly string[] | null;
  all: string;
}): ReactNode {
  const { all } = useAccounts();
  if (appids === null) return <span className={css.appid}>{every}</span>;
  const names = appids.map((appid) => {
    const known = all.find((one) => one.appid === appid);
    return known === undefined ? appid : accountName(known);
  });
  return (
    <span className={css.appid} title={appids.join(' ')}>
      {names.join(' · ')}
    </span>
  );
}
