/** What somebody may be allowed to do. A role, an API key and a person's own limits are sets of these. */
export const permissions = [
  'account.read',
  'account.manage',
  'template.read',
  'contact.read',
  'contact.manage',
  'campaign.read',
  'campaign.create',
  'campaign.test',
  'campaign.send',
  'campaign.approve',
  'message.read',
  'message.send',
  'event.read',
  'webhook.manage',
  'alert.manage',
  'token.lend',
  'wx.relay',
  'user.manage',
  'audit.read',
  'node.read',
  'metrics.read',
] as const;

export type Permission = (typeof permissions)[number];

const viewer = [
  'account.read',
  'template.read',
  'contact.read',
  'campaign.read',
  'message.read',
  'event.read',
] as const satisfies readonly Permission[];

/** A person has one role. An editor prepares and tests and cannot send; an approver says the second word and prepares nothing. */
export const roles = {
  viewer,
  editor: [...viewer, 'campaign.create', 'campaign.test'],
  sender: [...viewer, 'campaign.create', 'campaign.test', 'campaign.send', 'message.send'],
  approver: [...viewer, 'campaign.approve'],
  admin: permissions,
} as const satisfies Record<string, readonly Permission[]>;

export type Role = keyof typeof roles;

export const roleNames = ['viewer', 'editor', 'sender', 'approver', 'admin'] as const satisfies Role[];

/** A stored permission may be one that a later version knew. */
export function isPermission(text: string): text is Permission {
  return permissions.some((one) => one === text);
}

export function isRole(text: string): text is Role {
  return roleNames.some((one) => one === text);
}
