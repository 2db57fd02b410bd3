import { type ReactNode, useState } from 'react';
import type { Role } from '../../src/contract/permissions.ts';
import { permissionWords } from '../../src/texts/console/access/permissions.ts';
import { usersWords } from '../../src/texts/console/access/users.ts';
import { partsWords } from '../../src/texts/console/parts.ts';
import { AccountsChoice } from '../parts/accounts-choice.tsx';
import { type EntryOf, useChange } from '../parts/api.ts';
import { FormDialog } from '../parts/dialog.tsx';
import { Choice, Field } from '../parts/field.tsx';
import { useWords } from '../parts/language.tsx';
import { toast } from '../parts/toast.tsx';

const roles = ['viewer', 'editor', 'sender', 'approver', 'admin'] as const satisfies Role[];

/** A new member, or another role and other accounts of one. */
export function UserForm({
  of: user,
  onClose,
  onLink,
}: {
  of: EntryOf<'GET /v1/users'> | null;
  onClose(): void;
  onLink(link: { name: string; path: string; expiresAt: string }): void;
}): ReactNode {
  const say = useWords(usersWords);
  const sayPart = useWords(partsWords);
  const sayRole = useWords(permissionWords);
  const [name, setName] = useState(user?.name ?? '');
  const [role, setRole] = useState<Role>(user?.role ?? 'viewer');
  const [accounts, setAccounts] = useState<readonly string[] | null>(user?.accounts ?? null);
  const rereads = ['GET /v1/users'] as const;
  const create = useChange('POST /v1/users', {
    rereads,
    onDone: ({ user: made, link }) => {
      onClose();
      onLink({ name: made.name, ...link });
    },
  });
  const change = useChange('PATCH /v1/users/{id}', {
    rereads,
    onDone: () => {
      onClose();
      toast(say('saved'));
    },
  });
  const submit = (): void => {
    const body = { role, accounts: accounts === null ? null : [...accounts] };
    if (user === null) create.mutate({ body: { name, ...body } });
    else change.mutate({ params: { id: user.id }, body });
  };
  return (
    <FormDialog
      title={user === null ? say('create') : user.name}
      submit={user === null ? say('add') : sayPart('save')}
      change={{ isPending: create.isPending || change.isPending, error: create.error ?? change.error }}
      isReady={name.trim() !== '' && accounts?.length !== 0}
      onSubmit={submit}
      onClose={onClose}
    >
      {user === null && (
        <Field
          label={say('name')}
          value={name}
          onChange={setName}
          hint={say('nameHint')}
          isRequired
          autoFocus
        />
      )}
      <Choice<Role>
        label={say('role')}
        value={role}
        onChange={setRole}
        options={roles.map((one) => ({
          id: one,
          name: sayRole(`role.${one}`),
          about: sayRole(`role.${one}.about`),
        }))}
      />
      <AccountsChoice label={say('accounts')} value={accounts} onChange={setAccounts} />
    </FormDialog>
  );
}
