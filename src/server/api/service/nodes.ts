import { type AccountCheck, checkInstallation } from '../../../app/installation.ts';
import { listNodes } from '../../../app/nodes.ts';
import { describeFailure } from '../../../base/errors.ts';
import type { nodesRoutes } from '../../../contract/service/nodes.ts';
import type { Lang } from '../../../texts/catalogue.ts';
import { type Handlers, via } from '../../register.ts';

export const nodesHandlers: Handlers<typeof nodesRoutes> = {
  'GET /v1/nodes': via(
    listNodes,
    () => ({}),
    ({ nodes }) => ({
      nodes: nodes.map(({ startedAt, seenAt, ...node }) => ({
        ...node,
        startedAt: startedAt.toISOString(),
        seenAt: seenAt.toISOString(),
      })),
    }),
  ),
  'GET /v1/installation': via(
    checkInstallation,
    () => ({}),
    ({ restores, clockSteps, backup, accounts, ...found }, { actor }) => ({
      ...found,
      ok: [found.durability, restores, found.clock, clockSteps, found.connections, backup, ...accounts].every(
        ({ ok }) => ok,
      ),
      restores: { ...restores, blindSpots: [...restores.blindSpots] },
      clockSteps: {
        ok: clockSteps.ok,
        steps: clockSteps.steps.map(({ ms, noticedAt }) => ({ ms, noticedAt: noticedAt.toISOString() })),
      },
      backup: {
        ok: backup.ok,
        done: backup.done && {
          ...backup.done,
          dueAt: backup.done.dueAt.toISOString(),
          endedAt: backup.done.endedAt.toISOString(),
        },
        failed: backup.failed && { ...backup.failed, startedAt: backup.failed.startedAt.toISOString() },
      },
      accounts: accounts.map((one) => shownCheck(one, actor.lang)),
    }),
  ),
};

function shownCheck(
  { appid, ok, error }: AccountCheck,
  lang: Lang,
): { appid: string; ok: boolean; error: { code: string; detail: string; hint: string | null } | null } {
  if (error === null) return { appid, ok, error };
  const { what, hint } = describeFailure(error, lang, 'http');
  return { appid, ok, error: { code: error.code, detail: what, hint } };
}
