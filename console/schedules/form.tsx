import { type FormEvent, type ReactNode, useId, useState } from 'react';
import { partsWords } from '../../src/texts/console/parts.ts';
import { schedulesWords } from '../../src/texts/console/schedules.ts';
import type { Account } from '../parts/account.tsx';
import { type EntryOf, useChange, useRead } from '../parts/api.ts';
import { Button } from '../parts/button.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { Failure } from '../parts/failure.tsx';
import { Checkbox, Choice, Field } from '../parts/field.tsx';
import { useWords } from '../parts/language.tsx';
import { useFieldRule } from '../parts/message/field-rule.ts';
import { Notice } from '../parts/notice.tsx';
import { cronOf, type When, whenOf } from '../parts/schedule/when.ts';
import { WhenFields } from '../parts/schedule/when-fields.tsx';
import { Select } from '../parts/select.tsx';
import { toast } from '../parts/toast.tsx';
import css from './schedules.module.css';

type Schedule = EntryOf<'GET /v1/schedules'>;

const rereads = ['GET /v1/schedules'] as const;
const firstCron = '0 9 * * *';

/** A new schedule, or another time, message or audience of one. Campaigns that it started go on as they were. */
export function ScheduleForm({
  account,
  of: schedule,
  onClose,
}: {
  account: Account;
  of: Schedule | null;
  onClose(): void;
}): ReactNode {
  const say = useWords(schedulesWords);
  const sayPart = useWords(partsWords);
  const id = useId();
  const { appid } = account;
  const [when, setWhen] = useState<When>(() => whenOf(schedule?.cron ?? firstCron));
  const [templateId, setTemplateId] = useState(schedule?.templateId ?? '');
  const [values, setValues] = useState(() => valuesOf(schedule));
  const [opens, setOpens] = useState(() => opensOf(schedule));
  const [to, setTo] = useState<'all' | 'tag' | 'filter'>(schedule?.audience.kind ?? 'all');
  const [tag, setTag] = useState(() =>
    schedule?.audience.kind === 'tag' ? String(schedule.audience.tagId) : '',
  );
  const [filter, setFilter] = useState(() =>
    schedule?.audience.kind === 'filter' ? String(schedule.audience.id) : '',
  );
  const [sync, setSync] = useState(schedule?.sync ?? true);
  const [minutes, setMinutes] = useState(String(schedule?.validMinutes ?? 60));
  const templates = useRead('GET /v1/accounts/{appid}/templates', { params: { appid } });
  const tags = useRead('GET /v1/accounts/{appid}/tags', { params: { appid } }, { isOn: to === 'tag' });
  const filters = useRead(
    'GET /v1/accounts/{appid}/filters',
    { params: { appid }, query: { limit: 1000 } },
    { isOn: to === 'filter' },
  );
  const template = templates.data?.data.find((one) => one.templateId === templateId);
  const rule = useFieldRule();
  const done = (words: 'added' | 'changed'): void => {
    toast(say(words));
    onClose();
  };
  const add = useChange('POST /v1/schedules', { rereads, onDone: () => done('added') });
  const change = useChange('PATCH /v1/schedules/{id}', { rereads, onDone: () => done('changed') });
  const isPending = add.isPending || change.isPending;
  const cron = cronOf(when);
  const validMinutes = /^\d{1,5}$/.test(minutes) && Number(minutes) > 0 ? Number(minutes) : null;
  const isWhole =
    cron !== '' &&
    validMinutes !== null &&
    (to === 'all' || (to === 'tag' ? tag : filter) !== '') &&
    (template === undefined
      ? schedule !== null
      : template.fields.every(({ key }) => (values[key] ?? '').trim() !== ''));
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (!isWhole || validMinutes === null) return;
    const audience =
      to === 'all'
        ? ({ kind: 'all' } as const)
        : to === 'tag'
          ? ({ kind: 'tag', tagId: Number(tag) } as const)
          : ({ kind: 'filter', id: Number(filter) } as const);
    const push = { cron, audience, sync, validMinutes };
    const content =
      template === undefined
        ? {}
        : { channel: template.channel, message: messageOf(schedule, template, values, opens) };
    if (schedule !== null) change.mutate({ params: { id: schedule.id }, body: { ...push, ...content } });
    else if (template !== undefined)
      add.mutate({
        body: {
          ...{ appid, ...push, channel: template.channel },
          message: messageOf(null, template, values, opens),
        },
      });
  };
  return (
    <Dialog
      title={schedule === null ? say('create') : say('editTitle', { id: String(schedule.id) })}
      isOpen
      isBusy={isPending}
      onClose={onClose}
      error={add.error ?? change.error}
      actions={
        <>
          <Button onPress={onClose}>{sayPart('cancel')}</Button>
          <Button kind="primary" type="submit" form={id} isPending={isPending} isDisabled={!isWhole}>
            {schedule === null ? say('doCreate') : sayPart('save')}
          </Button>
        </>
      }
    >
      <form id={id} className={css.form} onSubmit={submit}>
        <WhenFields appid={appid} value={when} onChange={setWhen} quietHours={account.quietHours} />
        <Select
          label={say('template')}
          value={templateId}
          onChange={(next) => {
            setTemplateId(next);
            setValues({});
          }}
          placeholder={say('choose')}
          options={(templates.data?.data ?? []).map((one) => ({
            id: one.templateId,
            name: one.title,
            about: one.templateId,
          }))}
        />
        {templates.data?.data.length === 0 && <Notice tone="warn">{say('noTemplate')}</Notice>}
        {template?.fields.map((field) => (
          <Field
            key={field.key}
            label={field.label}
            value={values[field.key] ?? ''}
            onChange={(text) => setValues({ ...values, [field.key]: text })}
            hint={rule(field)}
          />
        ))}
        {template !== undefined && (
          <Field label={say('opens')} value={opens} onChange={setOpens} hint={say('opensHint')} mono />
        )}
        <Choice<'all' | 'tag' | 'filter'>
          label={say('to')}
          value={to}
          onChange={setTo}
          options={[
            { id: 'all', name: say('to.all') },
            { id: 'tag', name: say('to.oneTag'), isDisabled: account.kind === 'miniprogram' },
            { id: 'filter', name: say('to.oneFilter') },
          ]}
        />
        {to === 'tag' && (
          <Select
            label={say('tag')}
            value={tag}
            onChange={setTag}
            placeholder={say('choose')}
            options={(tags.data?.data ?? []).map((one) => ({
              id: String(one.id),
              name: `${one.name} (${one.count.toLocaleString('en-US')})`,
            }))}
          />
        )}
        {to === 'filter' && (
          <Select
            label={say('filter')}
            value={filter}
            onChange={setFilter}
            placeholder={say('choose')}
            options={(filters.data?.data ?? []).map((one) => ({ id: String(one.id), name: one.name }))}
          />
        )}
        <Failure error={tags.error ?? filters.error} />
        <Checkbox isSelected={sync} onChange={setSync}>
          {say('sync')}
        </Checkbox>
        <Field
          label={say('valid')}
          value={minutes}
          onChange={setMinutes}
          hint={say('validHint')}
          error={validMinutes === null ? say('validWrong') : undefined}
          inputMode="numeric"
        />
        {schedule === null && <Notice tone="warn">{say('noQuestion')}</Notice>}
      </form>
    </Dialog>
  );
}

interface Template {
  templateId: string;
  channel: string;
  fields: readonly { key: string }[];
}

/** WeChat's own body; what this form does not show of it stays. */
function messageOf(
  schedule: Schedule | null,
  { templateId, channel, fields }: Template,
  values: Readonly<Record<string, string>>,
  opens: string,
): Record<string, unknown> {
  const { url: _url, page: _page, ...before } = schedule?.templateId === templateId ? schedule.message : {};
  const target = opens.trim();
  return {
    ...before,
    template_id: templateId,
    data: Object.fromEntries(fields.map(({ key }) => [key, { value: values[key] ?? '' }])),
    ...(target === '' ? {} : channel === 'oa-template' ? { url: target } : { page: target }),
  };
}

function valuesOf(schedule: Schedule | null): Record<string, string> {
  const data = schedule?.message.data;
  if (typeof data !== 'object' || data === null) return {};
  return Object.fromEntries(
    Object.entries(data).map(([key, given]: [string, unknown]) => {
      const value =
        typeof given === 'object' && given !== null && 'value' in given
          ? (given as { value: unknown }).value
          : given; // it has one
      return [key, String(value ?? '')];
    }),
  );
}

function opensOf(schedule: Schedule | null): string {
  const { url, page } = schedule?.message ?? {};
  return typeof url === 'string' ? url : typeof page === 'string' ? page : '';
}
