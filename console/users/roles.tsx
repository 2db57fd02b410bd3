import type { ReactNode } from 'react';
import type { Role } from '../../src/contract/permissions.ts';
import { permissionWords } from '../../src/texts/console/access/permissions.ts';
import { usersWords } from '../../src/texts/console/access/users.ts';
import { Icon } from '../parts/icon.tsx';
import { useWords } from '../parts/language.tsx';
import { Section } from '../parts/page.tsx';
import { Table } from '../parts/table.tsx';
import { roleMatrix } from './role-matrix.ts';
import css from './users.module.css';

/** The roles beside each other. */
export function Roles(): ReactNode {
  const say = useWords(usersWords);
  const sayRole = useWords(permissionWords);
  return (
    <Section title={say('roles')} isFlush>
      <Table
        label={say('roles')}
        rows={Object.keys(roleMatrix) as Role[]} // its own keys
        rowKey={(role) => role}
        columns={[
          {
            id: 'role',
            name: say('role'),
            cell: (role) => (
              <>
                {sayRole(`role.${role}`)} <span className={css.small}>{sayRole(`role.${role}.about`)}</span>
              </>
            ),
          },
          ...(['see', 'create', 'send', 'approve', 'manage'] as const).map((ability) => ({
            id: ability,
            name: say(`may.${ability}`),
            cell: (role: Role): ReactNode =>
              roleMatrix[role].includes(ability) ? (
                <span className={css.yes}>
                  <Icon name="check" /> {say('yes')}
                </span>
              ) : (
                <span className={css.small}>{say('no')}</span>
              ),
          })),
        ]}
      />
    </Section>
  );
}
