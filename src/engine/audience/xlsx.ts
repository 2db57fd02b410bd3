import { posix } from 'node:path';
import { HongyanError } from '../../base/errors.ts';
import type { RawRecord } from './record.ts';
import type { NumberFormat } from './xlsx-number-format.ts';
import { openPackage, type XlsxPackage } from './xlsx-package.ts';
import { readSheet } from './xlsx-sheet.ts';
import { readSharedStrings } from './xlsx-strings.ts';
import { readStyles } from './xlsx-styles.ts';

/** A workbook with the sheet to read chosen. */
export interface Workbook {
  sheet: string;
  records(): AsyncGenerator<RawRecord[]>;
  close(): void;
}

interface Relationship {
  type: string;
  target: string;
}

/** The relationships of a part by id; targets resolved, absolute and relative ones alike. */
async function relationships(pack: XlsxPackage, part: string): Promise<Map<string, Relationship>> {
  const found = new Map<string, Relationship>();
  const folder = posix.dirname(part);
  const rels = posix.join(folder, '_rels', `${posix.basename(part)}.rels`);
  if (!pack.has(rels)) return found;
  const steps = pack.parse(rels, {
    open(tag, { Id, Type, Target }) {
      if (tag !== 'Relationship' || Id === undefined || Target === undefined) return;
      const target = Target.startsWith('/') ? Target.slice(1) : posix.join(folder, Target);
      // Strict and transitional files differ in the namespace before the last segment.
      found.set(Id, { type: posix.basename(Type ?? ''), target });
    },
  });
  for await (const _ of steps);
  return found;
}

function ofType(all: Map<string, Relationship>, type: string): string | undefined {
  return [...all.values()].find((relationship) => relationship.type === type)?.target;
}

interface Sheet {
  name: string;
  id: string;
  hidden: boolean;
}

function chooseSheet(sheets: readonly Sheet[], asked: string | undefined, name: string): Sheet {
  const visible = sheets.filter(({ hidden }) => !hidden);
  const chosen =
    asked === undefined
      ? (visible[0] ?? sheets[0])
      : (sheets.find((sheet) => sheet.name === asked) ??
        (/^\d+$/.test(asked) ? sheets[Number(asked) - 1] : undefined));
  if (chosen !== undefined) return chosen;
  const names = sheets.slice(0, 20).map((sheet) => `"${sheet.name}"`);
  throw new HongyanError(
    'RECIPIENT_SHEET_NOT_FOUND',
    `The workbook ${name} has no sheet ${asked === undefined ? 'at all' : `"${asked}"`}; its sheets are ${names.join(', ')}.`,
    { details: { sheets: sheets.slice(0, 100).map((sheet) => sheet.name) } },
  );
}

/**
 * Opens a workbook and chooses a sheet: by name, by number from 1, or the first visible one.
 *
 * Throws `RECIPIENT_SHEET_NOT_FOUND`, `RECIPIENT_FILE_DAMAGED`, `RECIPIENT_FILE_TOO_LARGE`,
 * `RECIPIENT_FORMAT_UNSUPPORTED` (a zip file that is no XLSX).
 */
export async function openWorkbook(
  path: string,
  name: string,
  asked: string | undefined,
  signal?: AbortSignal,
): Promise<Workbook> {
  const pack = await openPackage(path, name, signal);
  try {
    const main = ofType(await relationships(pack, ''), 'officeDocument') ?? 'xl/workbook.xml';
    if (!pack.has(main) || main.endsWith('.bin')) {
      throw new HongyanError(
        'RECIPIENT_FORMAT_UNSUPPORTED',
        `The recipient file ${name} is a zip file but no XLSX workbook. Save it as .xlsx (not .ods, .xlsb, .numbers) or as CSV.`,
      );
    }
    const sheets: Sheet[] = [];
    let date1904 = false;
    const steps = pack.parse(main, {
      open(tag, attributes) {
        if (tag === 'workbookPr') date1904 = attributes.date1904 === '1' || attributes.date1904 === 'true';
        if (tag !== 'sheet') return;
        const hidden = attributes.state === 'hidden' || attributes.state === 'veryHidden';
        sheets.push({ name: attributes.name ?? '', id: attributes.id ?? '', hidden });
      },
    });
    for await (const _ of steps);
    const related = await relationships(pack, main);
    const sheet = chooseSheet(sheets, asked, name);
    const target = related.get(sheet.id);
    if (target === undefined || target.type !== 'worksheet') {
      throw new HongyanError(
        'RECIPIENT_SHEET_NOT_FOUND',
        `The sheet "${sheet.name}" of ${name} holds no cells (it is a chart or missing). Choose another with --sheet.`,
      );
    }
    const stringsPart = ofType(related, 'sharedStrings');
    const stylesPart = ofType(related, 'styles');
    const hasStyles = stylesPart !== undefined && pack.has(stylesPart);
    const hasStrings = stringsPart !== undefined && pack.has(stringsPart);
    const styles: NumberFormat[] = hasStyles ? await readStyles(pack, stylesPart) : [];
    const strings = hasStrings ? await readSharedStrings(pack, stringsPart, name) : undefined;
    const records = () => readSheet(pack, target.target, { strings, styles, date1904 });
    return { sheet: sheet.name, records, close: pack.close };
  } catch (error) {
    pack.close();
    throw error;
  }
}
