import type { z } from 'zod';
import type { AccountCheck } from '../../../app/installation/account-check.ts';
import { checkInstallation } from '../../../app/installation/check.ts';
import { listNodes } from '../../../app/installation/nodes.ts';
import { describeFailure, type HongyanError } from '../../../base/errors.ts';
import type { nodesRoutes } from '../../../contract/service/nodes.ts';
import type { Lang } from '../../../texts/catalogue.ts';
import { type Handlers, via } from '../../register.ts';

type Answer = z.output<(typeof nodesRoutes)['GET /v1/installation']['answers'][200]>;

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
      ok: [
        ...[found.durability, restores, found.clock, clockSteps, found.connections, found.secrets, backup],
        ...accounts.flatMap((one) => [one, one.clock, one.quota, one.callback]),
      ].every((one) => one === null || one.ok),
      backup: {
        ok: backup.ok,
        done: backup.done && {
          ...backup.done,
          dueAt: backup.done.dueAt.toISOString(),
          endedAt: backup.done.endedAt.toISOString(),
        },
        failed: backup.failed && { ...backup.failed, startedAt: backup.failed.startedAt.toISOString() },
        byHand: backup.byHand?.toISOString() ?? null,
      },
      restores: { ...restores, blindSpots: [...restores.blindSpots] },
      clockSteps: {
        ok: clockSteps.ok,
        steps: clockSteps.steps.map(({ ms, noticedAt }) => ({ ms, noticedAt: noticedAt.toISOString() })),
      },
      accounts: accounts.map((one) => shownCheck(one, actor.lang)),
    }),
  ),
};

function shownCheck({ error, callback, ...found }: AccountCheck, lang: Lang): Answer['accounts'][number] {
  // What a URL answered is for whoever may manage the account.
  const findings = callback?.findings.map(({ answer: _, ...one }) => one);
  return {
    ...found,
    error: error === null ? null : shownError(error, lang),
    callback: callback === null ? null : { ...callback, findings: findings ?? [] },
  };
}

function shownError(error: HongyanError, lang: Lang): { code: string; detail: string; hint: string | null } {
  const { what, hint } = describeFailure(error, lang, 'http');
  return { code: error.code, detail: what, hint };
}
