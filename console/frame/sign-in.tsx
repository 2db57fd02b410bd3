import { type FormEvent, type ReactNode, useEffect, useId, useState } from 'react';
import { frameWords } from '../../src/texts/console/frame.ts';
import { useChange } from '../parts/api.ts';
import { Button } from '../parts/button.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { Failure } from '../parts/failure.tsx';
import { Field } from '../parts/field.tsx';
import { otherLanguage, useLanguage, useWords } from '../parts/language.tsx';
import type { Me } from '../parts/session.ts';
import css from './sign-in.module.css';

/** The whole page, for whoever is not signed in; the address stays, so that they come to where they wanted to go. */
export function SignIn({ onSignedIn }: { onSignedIn(me: Me): void }): ReactNode {
  const say = useWords(frameWords);
  const id = useId();
  const title = say('signIn.title');
  useEffect(() => {
    document.title = `${title} · 鸿雁 Hongyan`;
  }, [title]);
  const [fields, submit, isPending] = useSignIn('', onSignedIn);
  return (
    <Outside>
      <h1>{title}</h1>
      <form id={id} className={css.form} onSubmit={submit}>
        {fields}
        <Button kind="primary" type="submit" isPending={isPending}>
          {say('signIn.do')}
        </Button>
      </form>
      <p className={css.hint}>{say('signIn.forgot')}</p>
    </Outside>
  );
}

/** Over the page, which stays as it is below. */
export function SessionEnded({ name, onSignedIn }: { name: string; onSignedIn(me: Me): void }): ReactNode {
  const say = useWords(frameWords);
  const id = useId();
  const [fields, submit, isPending] = useSignIn(name, onSignedIn);
  return (
    <Dialog
      title={say('signIn.expired')}
      isOpen
      isAlert
      isBusy
      onClose={() => {}}
      actions={
        <Button kind="primary" type="submit" form={id} isPending={isPending}>
          {say('signIn.do')}
        </Button>
      }
    >
      <p>{say('signIn.expiredHint')}</p>
      <form id={id} className={css.form} onSubmit={submit}>
        {fields}
      </form>
    </Dialog>
  );
}

function useSignIn(
  firstName: string,
  onSignedIn: (me: Me) => void,
): [fields: ReactNode, submit: (event: FormEvent) => void, isPending: boolean] {
  const say = useWords(frameWords);
  const [name, setName] = useState(firstName);
  const [password, setPassword] = useState('');
  const signIn = useChange('POST /v1/sessions', { onDone: onSignedIn });
  const fields = (
    <>
      <Field
        label={say('signIn.name')}
        value={name}
        onChange={setName}
        autoComplete="username"
        autoFocus={firstName === ''}
      />
      <Field
        label={say('signIn.password')}
        type="password"
        value={password}
        onChange={setPassword}
        autoComplete="current-password"
        autoFocus={firstName !== ''}
      />
      <Failure error={signIn.error} />
    </>
  );
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    signIn.mutate({ body: { name: name.trim(), password } });
  };
  return [fields, submit, signIn.isPending];
}

/** A card in the middle: what is shown before anybody is signed in. */
export function Outside({ children }: { children: ReactNode }): ReactNode {
  const { lang, setLang } = useLanguage();
  const say = useWords(frameWords);
  return (
    <main className={css.outside}>
      <div className={css.card}>
        <div className={css.product}>
          {say('product')}
          <Button kind="quiet" onPress={() => setLang(lang === 'zh' ? 'en' : 'zh')}>
            {otherLanguage[lang]}
          </Button>
        </div>
        {children}
      </div>
    </main>
  );
}
