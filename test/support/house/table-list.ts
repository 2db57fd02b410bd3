/** The tables of the schema against those that a document lists. */
import type { Violation } from './source-file.ts';

/** Tables of their own; partitions are part of theirs. */
function tablesOf(sql: string): string[] {
  return [...sql.matchAll(/^create (?:unlogged )?table (\w+) \(/gm)].map(([, name]) => name ?? '');
}

/** The first cells of the first table below `## Tables`, in which each name stands in backticks. */
function listedIn(markdown: string): string[] {
  const section = /^## Tables\n([\s\S]*?)(?=^## |(?![\s\S]))/m.exec(markdown)?.[1] ?? '';
  const rows = section.split('\n').filter((line) => line.startsWith('| `'));
  return rows.flatMap((row) =>
    [...(row.split('|')[1] ?? '').matchAll(/`(\w+)`/g)].map(([, name]) => name ?? ''),
  );
}

/** A table that the document leaves out, one that is not there, one that it has twice. */
export function tableList(path: string, markdown: string, sql: string): Violation[] {
  const tables = tablesOf(sql);
  const listed = listedIn(markdown);
  const found = (what: string): Violation => ({ rule: 'tables', path, line: 1, what });
  return [
    ...tables.filter((name) => !listed.includes(name)).map((name) => found(`${name} is not listed`)),
    ...listed.filter((name) => !tables.includes(name)).map((name) => found(`there is no table ${name}`)),
    ...listed.filter((name, i) => listed.indexOf(name) < i).map((name) => found(`${name} is listed twice`)),
  ];
}
