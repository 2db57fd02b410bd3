import { posix } from 'node:path';
import { failure } from '../../base/errors.ts';
import { quotedNames } from '../../texts/parts.ts';
import type { RawRecord } from '../formats/record.ts';
import { openPackage, tooMany, type XlsxPackage } from './package.ts';
import { readSheet } from './sheet.ts';
import { readSharedStrings } from './strings.ts';
import { CellStyles, readStyles } from './styles.ts';
import { relationshipPart, spreadsheet } from './vocabulary.ts';

/** A sheet that can be read. */
export interface OpenSheet {
  name: string;
  records(): AsyncGenerator<RawRecord[]>;
  /** Hidden rows with a value that were met so far. */
  hiddenRows(): number;
}

export interface Workbook {
  /** The asked sheet, or those that may be meant, the likeliest first. */
  sheets: OpenSheet[];
  close(): void;
}

/** Sheets and parts that a workbook may have; Excel is limited by memory only. */
const maxSheets = 1000;
const maxRelationships = 10_000;

interface Relationship {
  type: string;
  target: string;
}

/** The relationships of a part by id; targets resolved, absolute and relative ones alike. */
async function relationships(
  pack: XlsxPackage,
  part: string,
  name: string,
): Promise<Map<string, Relationship>> {
  const found = new Map<string, Relationship>();
  const folder = posix.dirname(part);
  const rels = posix.join(folder, '_rels', `${posix.basename(part)}.rels`);
  if (!pack.has(rels)) return found;
  const steps = pack.parse(rels, relationshipPart, {
    open(path, { Id, Type, Target }) {
      if (path !== 'Relationship' || Id === undefined || Target === undefined) return;
      const target = Target.startsWith('/') ? Target.slice(1) : posix.join(folder, Target);
      // Strict and transitional files differ in the namespace before the last segment.
      found.set(Id, { type: posix.basename(Type ?? ''), target });
      if (found.size > maxRelationships) throw tooMany(name, maxRelationships, 'parts');
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

function chooseSheets(sheets: readonly Sheet[], asked: string | undefined, name: string): Sheet[] {
  if (asked === undefined) {
    const visible = sheets.filter(({ hidden }) => !hidden);
    if (sheets.length > 0) return visible.length > 0 ? visible : [...sheets];
  } else {
    const chosen =
      sheets.find((sheet) => sheet.name === asked) ??
      (/^\d+$/.test(asked) ? sheets[Number(asked) - 1] : undefined);
    if (chosen !== undefined) return [chosen];
  }
  if (asked === undefined) throw failure('RECIPIENT_SHEET_NOT_FOUND/none', { file: name });
  throw failure(
    'RECIPIENT_SHEET_NOT_FOUND',
    { file: name, sheet: asked, sheets: quotedNames(sheets.map((sheet) => sheet.name)) },
    { details: { sheets: sheets.slice(0, 100).map((sheet) => sheet.name) } },
  );
}

const officeRelationships = [
  'http://schemas.openxmlformats.org/officeDocument/2006/relationships',
  'http://purl.oclc.org/ooxml/officeDocument/relationships',
];

/** The id of a sheet's part, `r:id`; files without namespaces have it without the prefix. */
function relationshipId(
  attributes: Record<string, string>,
  namespaces: Readonly<Record<string, string>>,
): string {
  for (const [key, value] of Object.entries(attributes)) {
    const [prefix = '', name] = key.split(':');
    if (name === 'id' && officeRelationships.includes(namespaces[prefix] ?? '')) return value;
  }
  return attributes.id ?? '';
}

/** Sheets, and how dates are counted. */
async function readSheetList(
  pack: XlsxPackage,
  part: string,
  name: string,
): Promise<{ sheets: Sheet[]; date1904: boolean }> {
  const sheets: Sheet[] = [];
  let date1904 = false;
  const steps = pack.parse(part, spreadsheet('workbook', ['workbookPr', 'sheets/sheet']), {
    open(path, attributes, namespaces) {
      if (path === 'workbookPr') date1904 = attributes.date1904 === '1' || attributes.date1904 === 'true';
      if (path !== 'sheets/sheet') return;
      const hidden = attributes.state === 'hidden' || attributes.state === 'veryHidden';
      sheets.push({ name: attributes.name ?? '', id: relationshipId(attributes, namespaces), hidden });
      if (sheets.length > maxSheets) throw tooMany(name, maxSheets, 'sheets');
    },
  });
  for await (const _ of steps);
  return { sheets, date1904 };
}

export interface WorkbookOptions {
  /** By name, or by number from 1. Default: every visible one. */
  sheet?: string | undefined;
  visibleOnly?: boolean | undefined;
  signal?: AbortSignal | undefined;
}

/**
 * Opens a workbook and finds the sheets that may be meant.
 *
 * Throws `RECIPIENT_SHEET_NOT_FOUND`, `RECIPIENT_FILE_DAMAGED`, `RECIPIENT_FILE_TOO_LARGE`,
 * `RECIPIENT_FORMAT_UNSUPPORTED` (a zip file that is no XLSX).
 */
export async function openWorkbook(
  path: string,
  name: string,
  { sheet: asked, visibleOnly = false, signal }: WorkbookOptions,
): Promise<Workbook> {
  const pack = await openPackage(path, name, signal);
  try {
    const main = ofType(await relationships(pack, '', name), 'officeDocument') ?? 'xl/workbook.xml';
    if (!pack.has(main) || main.endsWith('.bin')) {
      throw failure('RECIPIENT_FORMAT_UNSUPPORTED/archive', { file: name });
    }
    const { sheets, date1904 } = await readSheetList(pack, main, name);
    const related = await relationships(pack, main, name);
    const chosen = chooseSheets(sheets, asked, name).flatMap((sheet) => {
      const target = related.get(sheet.id);
      return target?.type === 'worksheet' ? [{ name: sheet.name, part: target.target }] : [];
    });
    if (chosen.length === 0) {
      throw failure('RECIPIENT_SHEET_NOT_FOUND/no-cells', { file: name });
    }
    const stringsPart = ofType(related, 'sharedStrings');
    const stylesPart = ofType(related, 'styles');
    const hasStyles = stylesPart !== undefined && pack.has(stylesPart);
    const hasStrings = stringsPart !== undefined && pack.has(stringsPart);
    const styles = hasStyles ? await readStyles(pack, stylesPart, name) : new CellStyles();
    const strings = hasStrings ? await readSharedStrings(pack, stringsPart, name) : undefined;
    const opened = chosen.map((sheet): OpenSheet => {
      const context = { strings, styles, date1904, visibleOnly, hiddenRows: 0 };
      return {
        name: sheet.name,
        records: () => readSheet(pack, sheet.part, context),
        hiddenRows: () => context.hiddenRows,
      };
    });
    return { sheets: opened, close: pack.close };
  } catch (error) {
    pack.close();
    throw error;
  }
}
