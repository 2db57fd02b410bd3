import { type ReactNode, useDeferredValue, useState } from 'react';
import { CheckboxGroup, Label } from 'react-aria-components';
import { filtersWords } from '../../../src/texts/console/filters.ts';
import { type EntryOf, useChange, useRead } from '../api.ts';
import { FormDialog } from '../dialog.tsx';
import { Failure } from '../failure.tsx';
import { Checkbox, Field } from '../field.tsx';
import { useWords } from '../language.tsx';
import { Select } from '../select.tsx';
import css from './filter.module.css';
import { daysOf, hasTooMany, type Rules, rulesOf, type Typed, typedOf } from './filter-rules.ts';

export type Filter = EntryOf<'GET /v1/accounts/{appid}/filters'>;

const rereads = ['GET /v1/accounts/{appid}/filters'] as const;
/** No template: an id of its own, since none is empty. */
const everyone = 'any';

/** A filter is made, or its rules are changed, with how many it finds while they are typed. */
export function FilterDialog({
  appid,
  of: filter,
  hasFollowers,
  onSaved,
  onClose,
}: {
  appid: string;
  /** Null: a new one. */
  of: Filter | null;
  /** Of an account without any there are no tags and no time of following. */
  hasFollowers: boolean;
  onSaved(saved: Filter): void;
  onClose(): void;
}): ReactNode {
  const say = useWords(filtersWords);
  const [name, setName] = useState(filter?.name ?? '');
  const [typed, setTyped] = useState<Typed>(() => typedOf(filter?.rules ?? {}));
  const tags = useRead('GET /v1/accounts/{appid}/tags', { params: { appid } }, { isOn: hasFollowers });
  const templates = useRead('GET /v1/accounts/{appid}/templates', { params: { appid } });
  const done = (saved: Filter): void => {
    onSaved(saved);
    onClose();
  };
  const add = useChange('POST /v1/accounts/{appid}/filters', { rereads, onDone: done });
  const edit = useChange('PATCH /v1/accounts/{appid}/filters/{id}', { rereads, onDone: done });
  const rules = rulesOf(typed, filter?.rules ?? {});
  const set = (change: Partial<Typed>): void => setTyped({ ...typed, ...change });
  const save = (): void => {
    if (rules === null) return;
    if (filter === null) add.mutate({ params: { appid }, body: { name: name.trim(), rules } });
    else
      edit.mutate({
        params: { appid, id: filter.id },
        body: { revision: filter.revision, name: name.trim(), rules },
      });
  };
  return (
    <FormDialog
      title={filter === null ? say('create') : say('editTitle')}
      submit={say('save')}
      change={filter === null ? add : edit}
      isReady={name.trim() !== '' && rules !== null}
      onSubmit={save}
      onClose={onClose}
    >
      {filter !== null && <p className={css.small}>{say('editHint')}</p>}
      <Field label={say('name')} value={name} onChange={setName} autoFocus isRequired />
      <h3 className={css.title}>{say('rules')}</h3>
      {hasFollowers && (
        <CheckboxGroup
          className={css.group ?? ''}
          value={[...typed.tags]}
          onChange={(chosen) => set({ tags: chosen })}
        >
          <Label className={css.label ?? ''}>{say('tags')}</Label>
          {tags.data?.data.length === 0 && <span className={css.small}>{say('noTags')}</span>}
          <div className={css.tags}>
            {tags.data?.data.map((tag) => (
              <Checkbox key={tag.id} value={String(tag.id)}>
                {tag.name}
              </Checkbox>
            ))}
          </div>
        </CheckboxGroup>
      )}
      {hasFollowers && (
        <Field
          label={say('days')}
          value={typed.days}
          onChange={(days) => set({ days })}
          inputMode="numeric"
          hint={say('daysHint')}
          error={daysOf(typed) === 'wrong' ? say('daysWrong') : undefined}
        />
      )}
      <div className={css.both}>
        <Select
          label={say('credit')}
          value={typed.templateId === '' ? everyone : typed.templateId}
          onChange={(id) => set({ templateId: id === everyone ? '' : id })}
          options={[
            { id: everyone, name: say('anyCredit') },
            ...(templates.data?.data ?? []).map(({ templateId, title }) => ({ id: templateId, name: title })),
          ]}
        />
        {typed.templateId !== '' && (
          <Select<Typed['is']>
            label={say('creditIs')}
            value={typed.is}
            onChange={(is) => set({ is })}
            options={(['left', 'none', 'known', 'unknown'] as const).map((id) => ({
              id,
              name: say(`credit.${id}`),
            }))}
          />
        )}
      </div>
      <div className={css.both}>
        <Field
          label={say('got')}
          value={typed.got}
          onChange={(got) => set({ got })}
          hint={say('campaignsHint')}
          error={hasTooMany(typed) ? say('campaignsWrong') : undefined}
        />
        <Field label={say('notGot')} value={typed.notGot} onChange={(notGot) => set({ notGot })} />
      </div>
      <Failure error={tags.error ?? templates.error} />
      {rules === null ? (
        <p className={css.small}>{say('empty')}</p>
      ) : (
        <FilterCount appid={appid} rules={rules} />
      )}
    </FormDialog>
  );
}

/** How many the rules find now; counted again from time to time, since people come and go. */
export function FilterCount({ appid, rules }: { appid: string; rules: Rules }): ReactNode {
  const say = useWords(filtersWords);
  const looked = useDeferredValue(rules);
  const { data, error, refetch } = useFilterCount(appid, looked);
  return (
    <>
      <p className={css.count} role="status">
        {data === undefined
          ? error === null && say('counting')
          : say('count', { count: data.count.toLocaleString('en-US') })}
      </p>
      {data !== undefined && data.unknown > 0 && (
        <p className={css.small}>{say('unknownToo', { count: data.unknown.toLocaleString('en-US') })}</p>
      )}
      <Failure error={error} onRetry={() => void refetch()} />
    </>
  );
}

const countMs = 30_000;

export function useFilterCount(appid: string, rules: Rules | null) {
  return useRead(
    'POST /v1/accounts/{appid}/filters/count',
    { params: { appid }, body: { rules: rules ?? {} } },
    { isOn: rules !== null, everyMs: countMs },
  );
}
