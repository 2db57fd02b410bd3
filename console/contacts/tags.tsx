import type { ReactNode } from 'react';
import { contactsWords } from '../../src/texts/console/contacts.ts';
import type { Account } from '../parts/account.tsx';
import { type AnswerOf, type EntryOf, useRead } from '../parts/api.ts';
import { Tag } from '../parts/delivery/outcome.tsx';
import { useWords } from '../parts/language.tsx';
import css from './contacts.module.css';

export type Contact = EntryOf<'GET /v1/contacts'>;
type TagEntry = AnswerOf<'GET /v1/accounts/{appid}/tags'>['data'][number];

/** The account's tags, asked of WeChat; Mini Programs have none. */
export function useTags({ appid, kind }: Account): {
  all: readonly TagEntry[];
  error: unknown;
  isLoading: boolean;
} {
  const isOn = kind !== 'miniprogram';
  const { data, error, isLoading } = useRead(
    'GET /v1/accounts/{appid}/tags',
    { params: { appid } },
    { isOn },
  );
  return { all: data?.data ?? [], error, isLoading };
}

/** A person's tags by name; by number where WeChat does not say what they are called. */
export function PersonTags({
  of: { tagIds, detailedAt },
  tags: { all, isLoading },
}: {
  of: Pick<Contact, 'tagIds' | 'detailedAt'>;
  tags: Pick<ReturnType<typeof useTags>, 'all' | 'isLoading'>;
}): ReactNode {
  const say = useWords(contactsWords);
  // Whoever has none may come without a list, like those whose tags were never fetched.
  const ids = tagIds ?? [];
  if (ids.length === 0) {
    return <span className={css.small}>{say(detailedAt === null ? 'notFetched' : 'none')}</span>;
  }
  if (isLoading) return null;
  return (
    <span className={css.tags}>
      {ids.map((id) => (
        <Tag key={id}>{all.find((tag) => tag.id === id)?.name ?? `#${id}`}</Tag>
      ))}
    </span>
  );
}

export function Follows({ of: { follows } }: { of: Pick<Contact, 'follows'> }): ReactNode {
  const say = useWords(contactsWords);
  if (follows === null) return <Tag>{say('follows.unknown')}</Tag>;
  return <Tag tone={follows ? 'good' : 'warn'}>{say(follows ? 'follows.true' : 'follows.false')}</Tag>;
}
