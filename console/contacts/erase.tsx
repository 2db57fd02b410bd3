import { type ReactNode, useState } from 'react';
import { contactsWords } from '../../src/texts/console/contacts.ts';
import { useChange } from '../parts/api.ts';
import { Button } from '../parts/button.tsx';
import { QuestionDialog } from '../parts/dialog.tsx';
import { Field } from '../parts/field.tsx';
import { useWords } from '../parts/language.tsx';
import { Section } from '../parts/page.tsx';
import { navigate } from '../parts/router.tsx';
import { toast } from '../parts/toast.tsx';
import css from './contacts.module.css';

const rereads = ['GET /v1/contacts', 'GET /v1/deliveries'] as const;

/** Removes somebody for good, once their openid was typed; says what goes and what stays. */
export function Erase({ appid, openid }: { appid: string; openid: string }): ReactNode {
  const say = useWords(contactsWords);
  const [isOpen, setOpen] = useState(false);
  const [typed, setTyped] = useState('');
  const erase = useChange('DELETE /v1/contacts/{openid}', {
    rereads,
    onDone: ({ rows }) => {
      toast(say('erased', { rows: rows.toLocaleString('en-US') }));
      navigate('/contacts');
    },
  });
  return (
    <Section title={say('erase')} about={say('eraseAbout')}>
      <div>
        <Button onPress={() => setOpen(true)}>{say('erase')}</Button>
      </div>
      <QuestionDialog
        title={say('erase')}
        yes={say('eraseDo')}
        change={erase}
        isOpen={isOpen}
        isReady={typed.trim() === openid}
        onYes={() => erase.mutate({ params: { openid }, query: { appid } })}
        onClose={() => setOpen(false)}
      >
        <div className={css.erase}>
          <p>{say('eraseGone')}</p>
          <p>{say('eraseStays')}</p>
          <p>{say('eraseAbout')}</p>
          <Field
            label={say('eraseType')}
            value={typed}
            onChange={setTyped}
            placeholder={openid}
            mono
            autoFocus
          />
        </div>
      </QuestionDialog>
    </Section>
  );
}
