import type { Permission, Role } from '../../src/contract/permissions.ts';

/** What stands for each column of the table: whoever has it may do the thing. */
export const abilities = {
  see: 'campaign.read',
  create: 'campaign.create',
  send: 'campaign.send',
  approve: 'campaign.approve',
  manage: 'account.manage',
} as const satisfies Record<string, Permission>;

export type Ability = keyof typeof abilities;

/** The console knows the contract's types only; a test holds this against its roles. */
export const roleMatrix: Record<Role, readonly Ability[]> = {
  viewer: ['see'],
  editor: ['see', 'create'],
  sender: ['see', 'create', 'send'],
  approver: ['see', 'approve'],
  admin: ['see', 'create', 'send', 'approve', 'manage'],
};
