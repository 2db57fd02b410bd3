import type { ReactNode } from 'react';
import { contactsWords } from '../../src/texts/console/contacts.ts';
import { UploadList } from '../parts/audience/upload-list.tsx';
import { ButtonLink } from '../parts/button.tsx';
import { useWords } from '../parts/language.tsx';
import { Section } from '../parts/page.tsx';
import { useQueryValue } from '../parts/router.tsx';

/** A file of people that is looked at before a campaign is made for it. */
export function UploadSection({ appid }: { appid: string }): ReactNode {
  const say = useWords(contactsWords);
  const [id, setId] = useQueryValue('upload');
  const isRead = /^\d{1,15}$/.test(id);
  return (
    <Section title={say('upload')} about={say('uploadAbout')}>
      <UploadList appid={appid} id={isRead ? Number(id) : null} onRead={(made) => setId(String(made.id))} />
      {isRead && (
        <div>
          <ButtonLink href={`/campaigns/new?upload=${id}`}>{say('uploadUse')}</ButtonLink>
        </div>
      )}
    </Section>
  );
}
