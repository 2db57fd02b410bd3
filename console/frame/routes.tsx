import { type ComponentType, type LazyExoticComponent, lazy } from 'react';
import type { Permission } from '../../src/contract/permissions.ts';
import type { frameWords } from '../../src/texts/console/frame.ts';
import { PageNotLoaded } from '../parts/boundary.tsx';
import { matchPath } from '../parts/router.tsx';

type Words = keyof typeof frameWords;

export interface PageRow {
  path: string;
  page: LazyExoticComponent<ComponentType<{ params: Record<string, string> }>>;
  /** Fetches its script; what is fetched already is not fetched twice. */
  load(): Promise<unknown>;
  /** Its entry in the menu; pages without one are reached from others. */
  menu?: Extract<Words, `menu.${string}`>;
  /** Whoever has not got it does not see the entry. */
  permission?: Permission;
}

/** Every page, in the order of the menu; a line stands where `null` does. */
export const pages: readonly (PageRow | null)[] = [
  page('/', 'menu.overview', null, () => import('../overview/page.tsx')),
  page('/start', null, 'account.read', () => import('../start/page.tsx')),
  page('/campaigns/new', 'menu.newCampaign', 'campaign.create', () => import('../new-campaign/page.tsx')),
  page('/campaigns', 'menu.campaigns', 'campaign.read', () => import('../campaigns/page.tsx')),
  page('/campaigns/:id', null, 'campaign.read', () => import('../campaigns/detail.tsx')),
  page('/deliveries', 'menu.deliveries', 'message.read', () => import('../deliveries/page.tsx')),
  page('/templates', 'menu.templates', 'template.read', () => import('../templates/page.tsx')),
  page('/contacts', 'menu.contacts', 'contact.read', () => import('../contacts/page.tsx')),
  page('/contacts/:openid', null, 'contact.read', () => import('../contacts/person.tsx')),
  page('/schedules', 'menu.schedules', 'campaign.read', () => import('../schedules/page.tsx')),
  page('/accounts', 'menu.accounts', 'account.read', () => import('../accounts/page.tsx')),
  page('/accounts/:appid', null, 'account.read', () => import('../accounts/detail.tsx')),
  null,
  page('/events', 'menu.events', 'event.read', () => import('../events/page.tsx')),
  page('/alerts', 'menu.alerts', 'account.read', () => import('../alerts/page.tsx')),
  page('/webhooks', 'menu.webhooks', 'webhook.manage', () => import('../webhooks/page.tsx')),
  page('/webhooks/:id', null, 'webhook.manage', () => import('../webhooks/detail.tsx')),
  page('/keys', 'menu.keys', 'user.manage', () => import('../keys/page.tsx')),
  page('/users', 'menu.users', 'user.manage', () => import('../users/page.tsx')),
  page('/audit', 'menu.audit', 'audit.read', () => import('../audit/page.tsx')),
  page('/nodes', 'menu.nodes', 'node.read', () => import('../nodes/page.tsx')),
];

function page(
  path: string,
  menu: PageRow['menu'] | null,
  permission: Permission | null,
  load: () => Promise<{ default: ComponentType<{ params: Record<string, string> }> }>,
): PageRow {
  return {
    path,
    load,
    page: lazy(() =>
      load().catch((cause: unknown) => {
        throw new PageNotLoaded(cause);
      }),
    ),
    ...(menu == null ? {} : { menu }),
    ...(permission === null ? {} : { permission }),
  };
}

/** Fetches the page of an address while it is still being asked who is there. */
export function fetchPage(path: string): void {
  const row = pages.find((one) => one !== null && matchPath(one.path, path) !== null);
  // Whether it can be loaded is said where it is shown.
  void row?.load().catch(() => {});
}
