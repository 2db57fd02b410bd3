import { type FormEvent, type ReactNode, useState } from 'react';
import { contactsWords } from '../../src/texts/console/contacts.ts';
import { useChange, useRead } from '../parts/api.ts';
import { Button } from '../parts/button.tsx';
import { fieldProblem } from '../parts/call.ts';
import { Tag } from '../parts/delivery/outcome.tsx';
import { Failure } from '../parts/failure.tsx';
import { Field } from '../parts/field.tsx';
import { useWords } from '../parts/language.tsx';
import { Loading } from '../parts/notice.tsx';
import { Facts, Section } from '../parts/page.tsx';
import { useMay } from '../parts/session.ts';
import { Time } from '../parts/time.tsx';
import { toast } from '../parts/toast.tsx';
import css from './contacts.module.css';

const rereads = ['GET /v1/accounts/{appid}/suppressions', 'GET /v1/contacts/{openid}'] as const;

/** Whether campaigns leave somebody out, since when and why; whoever may changes it here. */
export function Suppression({ appid, openid }: { appid: string; openid: string }): ReactNode {
  const say = useWords(contactsWords);
  const may = useMay();
  const found = useRead('GET /v1/accounts/{appid}/suppressions', { params: { appid }, query: { openid } });
  const release = useChange('DELETE /v1/accounts/{appid}/suppressions/{openid}', {
    rereads,
    onDone: () => toast(say('released')),
  });
  const entry = found.data?.data[0];
  return (
    <Section
      title={say('suppression')}
      actions={
        entry !== undefined &&
        may('contact.manage') && (
          <Button isPending={release.isPending} onPress={() => release.mutate({ params: { appid, openid } })}>
            {say('release')}
          </Button>
        )
      }
    >
      {found.isPending && <Loading rows={1} />}
      <Failure error={found.error ?? release.error} />
      {entry !== undefined && (
        <>
          <div>
            <Tag tone="warn">{say('suppressed')}</Tag> {say('suppressedAbout')}
          </div>
          <Facts
            rows={[
              [say('note'), entry.note === '' ? say('none') : entry.note],
              [say('suppressedAt'), <Time key="at" at={entry.createdAt} precision="second" />],
            ]}
          />
        </>
      )}
      {found.data !== undefined && entry === undefined && (
        <>
          <div>{say('allowed')}</div>
          {may('contact.manage') && <Suppress appid={appid} openid={openid} />}
        </>
      )}
    </Section>
  );
}

function Suppress({ appid, openid }: { appid: string; openid: string }): ReactNode {
  const say = useWords(contactsWords);
  const [note, setNote] = useState('');
  const add = useChange('POST /v1/accounts/{appid}/suppressions', {
    rereads,
    onDone: () => toast(say('suppressedNow')),
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    add.mutate({ params: { appid }, body: { openids: [openid], note: note.trim() } });
  };
  return (
    <form className={css.note} onSubmit={submit}>
      <Field
        label={say('note')}
        value={note}
        onChange={setNote}
        hint={say('noteHint')}
        error={fieldProblem(add.error, 'note')}
      />
      <Button type="submit" isPending={add.isPending}>
        {say('suppress')}
      </Button>
      <Failure error={add.error} />
    </form>
  );
}
