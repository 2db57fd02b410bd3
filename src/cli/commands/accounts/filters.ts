import { Command, Option } from 'commander';
import {
  addFilter,
  countFilter,
  editFilter,
  type Filter,
  type FilterRules,
  listFilters,
  removeFilter,
  showFilter,
} from '../../../app/audience/filters.ts';
import { failure } from '../../../base/errors.ts';
import { count } from '../../../texts/catalogue.ts';
import { text } from '../../../texts/ui.ts';
import type { CliContext } from '../../context.ts';
import { campaignId, filterId, numberUpTo } from '../../input/numbers.ts';
import { type Session, withSession } from '../../open.ts';
import { table } from '../../output/table.ts';

interface RuleFlags {
  tag?: string[];
  subscribedWithin?: string;
  subscribedSince?: string;
  credit?: string;
  got?: string[];
  notGot?: string[];
  suppressed?: boolean;
  json?: boolean;
}

/** `hongyan filters`: contacts by what is known of them, under a name; `push --to filter:ID` sends to them. */
export function filtersCommand(context: CliContext): Command {
  const { lang, actor } = context;
  const command = new Command('filters');

  const show = async (session: Session, filter: Filter, json: boolean | undefined): Promise<void> => {
    const { appid, rules } = filter;
    const { count: found, unknown } = await countFilter(session, actor, { appid, rules, first: 1 });
    if (json) return context.out(JSON.stringify({ ...filter, count: found, unknown }));
    const about = { id: String(filter.id), name: filter.name, n: found, rules: JSON.stringify(rules) };
    context.out(text(lang, 'filters.one', about));
    if (unknown > 0) context.out(text(lang, 'filters.unknown', { n: unknown, appid }));
  };

  command
    .command('list')
    .argument('<appid>')
    .option('--json')
    .action((appid: string, { json }: { json?: boolean }) =>
      withSession(context, async (session) => {
        const data: Filter[] = [];
        for (let cursor: string | undefined; ; ) {
          const page = await listFilters(session, actor, { appid, limit: 1000, cursor });
          data.push(...page.data);
          if (page.next === null) break;
          cursor = page.next;
        }
        if (json) return context.out(JSON.stringify(data));
        if (data.length === 0) return context.out(text(lang, 'filters.none', { appid }));
        const head = [text(lang, 'column.id'), text(lang, 'column.name'), text(lang, 'column.rules')];
        const rows = data.map(({ id, name, rules }) => [String(id), name, JSON.stringify(rules)]);
        for (const line of table(head, rows)) context.out(line);
      }),
    );

  command
    .command('show')
    .argument('<appid>')
    .argument('<id>')
    .option('--json')
    .action((appid: string, id: string, { json }: { json?: boolean }) =>
      withSession(context, async (session) => {
        await show(session, await showFilter(session, actor, { appid, id: filterId(id) }), json);
      }),
    );

  withRules(command.command('count'))
    .argument('<appid>')
    .option('--json')
    .action((appid: string, flags: RuleFlags) =>
      withSession(context, async (session) => {
        const found = await countFilter(session, actor, { appid, rules: rulesOf(flags), first: 1 });
        const { count: n, unknown } = found;
        if (flags.json) return context.out(JSON.stringify({ count: n, unknown }));
        context.out(count(n));
        if (unknown > 0) context.out(text(lang, 'filters.unknown', { n: unknown, appid }));
      }),
    );

  withRules(command.command('add'))
    .argument('<appid>')
    .argument('<name>')
    .option('--json')
    .action((appid: string, name: string, flags: RuleFlags) =>
      withSession(context, async (session) => {
        await show(
          session,
          await addFilter(session, actor, { appid, name, rules: rulesOf(flags) }),
          flags.json,
        );
      }),
    );

  withRules(command.command('edit'))
    .argument('<appid>')
    .argument('<id>')
    .option('--name <name>')
    .option('--revision <n>')
    .option('--json')
    .action(
      (appid: string, id: string, { name, ...flags }: RuleFlags & { name?: string; revision?: string }) =>
        withSession(context, async (session) => {
          const given = rulesOf(flags);
          const rules = Object.keys(given).length === 0 ? undefined : given;
          const of = { appid, id: filterId(id) };
          // Whoever names none changes it as it is now.
          const revision =
            flags.revision === undefined
              ? (await showFilter(session, actor, of)).revision
              : numberUpTo('--revision', 999_999_999, flags.revision);
          const edited = await editFilter(session, actor, { ...of, revision, name, rules });
          await show(session, edited, flags.json);
        }),
    );

  command
    .command('remove')
    .argument('<appid>')
    .argument('<id>')
    .option('--json')
    .action((appid: string, value: string, { json }: { json?: boolean }) =>
      withSession(context, async (session) => {
        const id = filterId(value);
        await removeFilter(session, actor, { appid, id });
        if (json) context.out(JSON.stringify({ filter: id, removed: true }));
        else context.out(text(lang, 'filters.removed', { id: value }));
      }),
    );
  return command;
}

function withRules(command: Command): Command {
  return command
    .addOption(new Option('--tag <ids...>'))
    .option('--subscribed-since <time>')
    .option('--subscribed-within <days>')
    .option('--credit <template=state>')
    .addOption(new Option('--got <campaigns...>'))
    .addOption(new Option('--not-got <campaigns...>'))
    .option('--suppressed')
    .option('--no-suppressed');
}

/** Only the rules that were given. Throws `USAGE`. */
function rulesOf(flags: RuleFlags): FilterRules {
  const { tag, subscribedSince, subscribedWithin, credit, got = [], notGot = [], suppressed } = flags;
  const campaigns = [
    ...got.map((id) => ({ id: campaignId(id), got: true })),
    ...notGot.map((id) => ({ id: campaignId(id), got: false })),
  ];
  return {
    ...(tag === undefined ? {} : { tags: tag.map((id) => numberUpTo('--tag', 999_999_999, id)) }),
    ...(subscribedSince === undefined ? {} : { subscribedSince: timeOf(subscribedSince) }),
    ...(subscribedWithin === undefined
      ? {}
      : { subscribedWithinDays: numberUpTo('--subscribed-within', 3650, subscribedWithin) }),
    ...(credit === undefined ? {} : { credit: creditOf(credit) }),
    ...(campaigns.length === 0 ? {} : { campaigns }),
    ...(suppressed === undefined ? {} : { suppressed }),
  };
}

function timeOf(value: string): string {
  const isTime = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:\d\d))?$/.test(value);
  if (!isTime || Number.isNaN(Date.parse(value))) throw failure('USAGE/filter-time', { value });
  return new Date(value).toISOString();
}

const creditStates = ['left', 'none', 'known', 'unknown'] as const;

function creditOf(value: string): NonNullable<FilterRules['credit']> {
  const at = value.lastIndexOf('=');
  const is = creditStates.find((one) => one === value.slice(at + 1));
  if (at < 1 || is === undefined) throw failure('USAGE/filter-credit', { value });
  return { templateId: value.slice(0, at), is };
}
