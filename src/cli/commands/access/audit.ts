import { Command, Option } from 'commander';
import { type AuditQuery, listAudit } from '../../../app/access/audit.ts';
import { timeZoneOf } from '../../../app/time-zone.ts';
import { text } from '../../../texts/ui.ts';
import type { CliContext } from '../../context.ts';
import { timeOf } from '../../input/time-option.ts';
import { withSession } from '../../open.ts';
import { table } from '../../output/table.ts';
import { formatTime } from '../../output/when.ts';

const heads = [
  'audithead.id',
  'audithead.at',
  'audithead.who',
  'audithead.action',
  'audithead.account',
  'audithead.outcome',
] as const;

const kinds = {
  terminal: 'actorkind.terminal',
  user: 'actorkind.user',
  key: 'actorkind.key',
  program: 'actorkind.program',
} as const;

const outcomes = {
  began: 'auditoutcome.began',
  done: 'auditoutcome.done',
  refused: 'auditoutcome.refused',
  failed: 'auditoutcome.failed',
} as const;

interface ListFlags {
  account?: string;
  action?: string;
  who?: string;
  outcome?: NonNullable<AuditQuery['outcome']>;
  from?: string;
  to?: string;
  before?: string;
  json?: boolean;
}

/** `hongyan audit`: what people and programs changed, exported and were refused. */
export function auditCommand(context: CliContext): Command {
  const { lang, actor } = context;
  const command = new Command('audit');
  command
    .command('list')
    .option('--account <appid>')
    .option('--action <name>')
    .option('--who <name>')
    .addOption(new Option('--outcome <outcome>').choices(['began', 'done', 'refused', 'failed']))
    .option('--from <time>')
    .option('--to <time>')
    .option('--before <id>')
    .option('--json')
    .action((flags: ListFlags) =>
      withSession(context, async (app) => {
        const zone = await timeZoneOf(app, actor, { appid: flags.account });
        const { data, next } = await listAudit(app, actor, {
          appid: flags.account ?? null,
          action: flags.action ?? null,
          who: flags.who ?? null,
          outcome: flags.outcome ?? null,
          from: timeOf('--from', flags.from, zone) ?? null,
          to: timeOf('--to', flags.to, zone) ?? null,
          limit: 50,
          cursor: flags.before ?? null,
        });
        if (flags.json) return context.out(JSON.stringify({ data, next }));
        const head = heads.map((key) => text(lang, key));
        const rows = data.map((entry) => [
          entry.id,
          formatTime(entry.at, zone),
          text(lang, 'audit.who', { name: entry.actorName, kind: text(lang, kinds[entry.actorKind]) }),
          entry.target === null ? entry.action : `${entry.action} ${entry.target}`,
          entry.appid ?? '-',
          `${text(lang, outcomes[entry.outcome])}${entry.code === null ? '' : ` [${entry.code}]`}`,
        ]);
        for (const line of table(head, rows)) context.out(line);
        if (next !== null) context.err(text(lang, 'audit.more', { id: next }));
      }),
    );
  return command;
}
