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
  'token.lend',
  'user.manage',
  'audit.read',
  'node.read',
] as const;

export type Permission = (typeof permissions)[number];
