import { type FormEvent, type ReactNode, useState } from 'react';
import { frameWords } from '../../src/texts/console/frame.ts';
import { useChange } from '../parts/api.ts';
import { Button, ButtonLink } from '../parts/button.tsx';
import { isProblem } from '../parts/call.ts';
import { Failure } from '../parts/failure.tsx';
import { useWords } from '../parts/language.tsx';
import { Notice } from '../parts/notice.tsx';
import { NewPassword } from './new-password.tsx';
import css from './sign-in.module.css';
import { Outside } from './sign-in.tsx';

/**
 * Where a one-time link leads. Its secret stands behind the `#`, which browsers send to nobody; it is taken out of the
 * address once it is used.
 */
export function FirstStart({ onSignedIn }: { onSignedIn(): void }): ReactNode {
  const say = useWords(frameWords);
  const [token] = useState(() => location.hash.slice(1));
  const [password, setPassword] = useState<string | null>(null);
  const use = useChange('POST /v1/sessions/link', { onDone: onSignedIn });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (password !== null) use.mutate({ body: { token, password } });
  };
  return (
    <Outside>
      <h1>{say('first.title')}</h1>
      {token === '' ? (
        <Notice tone="warn" title={say('first.noToken')}>
          {say('first.noTokenHint')}
        </Notice>
      ) : (
        <form className={css.form} onSubmit={submit}>
          <p className={css.hint}>{say('first.about')}</p>
          <NewPassword onChange={setPassword} autoFocus />
          <Failure error={use.error} />
          {isProblem(use.error, 'LINK_INVALID') && <ButtonLink href="/">{say('signIn.title')}</ButtonLink>}
          <Button kind="primary" type="submit" isPending={use.isPending} isDisabled={password === null}>
            {say('first.do')}
          </Button>
        </form>
      )}
    </Outside>
  );
}
