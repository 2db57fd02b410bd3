import { type ReactNode, useState } from 'react';
import { frameWords } from '../../src/texts/console/frame.ts';
import { Field } from '../parts/field.tsx';
import { useWords } from '../parts/language.tsx';

/** A password, typed twice; null until both are the same. Whether it is good enough is the server's to say. */
export function NewPassword({
  onChange,
  autoFocus = false,
}: {
  onChange(password: string | null): void;
  autoFocus?: boolean;
}): ReactNode {
  const say = useWords(frameWords);
  const [first, setFirst] = useState('');
  const [again, setAgain] = useState('');
  const told = (one: string, other: string): void => onChange(one !== '' && one === other ? one : null);
  return (
    <>
      <Field
        label={say('password.new')}
        type="password"
        value={first}
        onChange={(text) => {
          setFirst(text);
          told(text, again);
        }}
        hint={say('password.hint')}
        autoComplete="new-password"
        autoFocus={autoFocus}
      />
      <Field
        label={say('password.again')}
        type="password"
        value={again}
        onChange={(text) => {
          setAgain(text);
          told(first, text);
        }}
        error={again !== '' && !first.startsWith(again) ? say('password.differ') : undefined}
        autoComplete="new-password"
      />
    </>
  );
}
