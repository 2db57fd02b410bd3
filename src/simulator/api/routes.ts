import { blacklistRoutes } from './blacklist.ts';
import { credentialRoutes } from './credentials.ts';
import { diagnosticRoutes } from './diagnostics.ts';
import { followerRoutes } from './followers.ts';
import { mediaRoutes } from './media.ts';
import { oaTemplateRoutes } from './oa-templates.ts';
import type { Route } from './route.ts';
import { kfRoutes } from './send-kf.ts';
import { massRoutes } from './send-mass.ts';
import { templateMessageRoutes } from './send-template-messages.ts';
import { subscribeTemplateRoutes } from './subscribe-templates.ts';
import { tagRoutes } from './tags.ts';

const routes: readonly Route[] = [
  ...credentialRoutes,
  ...diagnosticRoutes(routeOf),
  ...followerRoutes,
  ...tagRoutes,
  ...blacklistRoutes,
  ...oaTemplateRoutes,
  ...subscribeTemplateRoutes,
  ...mediaRoutes,
  ...templateMessageRoutes,
  ...kfRoutes,
  ...massRoutes,
];

const byPath: ReadonlyMap<string, Route> = new Map(routes.map((route) => [route.path, route]));

/** What WeChat has at that path. */
export function routeOf(path: string): Route | undefined {
  return byPath.get(path);
}
