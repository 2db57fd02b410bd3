import { nameOfEncoding, type RecipientFile } from '../../app/audience/open.ts';
import type { Lang } from '../../texts/catalogue.ts';
import { rowText } from '../../texts/rows.ts';
import { text } from '../../texts/ui.ts';

/** How a file was read, and what of it was left out or taken although nobody may have seen it. */
export function fileLines(file: RecipientFile, name: string, lang: Lang): string[] {
  const lines: string[] = [];
  const { format, encoding, sheet, headerRow, skippedRows, hiddenRows, openidColumn, visibleOnly } = file;
  const values = { name, column: openidColumn };
  if (sheet !== undefined) lines.push(text(lang, 'file.sheet', { ...values, sheet }));
  else lines.push(text(lang, 'file.text', { ...values, format, encoding: nameOfEncoding(encoding) }));
  if (skippedRows > 0 && headerRow !== null)
    lines.push(text(lang, 'file.header', { row: String(headerRow), skipped: skippedRows }));
  if (hiddenRows > 0)
    lines.push(text(lang, visibleOnly ? 'file.hiddenOut' : 'file.hidden', { rows: hiddenRows }));
  for (const [column, problem] of file.formatProblems)
    lines.push(text(lang, 'file.format', { column, problem: rowText(problem, lang) ?? problem.key }));
  return lines;
}
