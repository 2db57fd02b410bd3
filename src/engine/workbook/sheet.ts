import { maxColumns } from '../formats/delimited.ts';
import { type Fault, fault, type RawRecord } from '../formats/record.ts';
import { renderGeneral } from './format.ts';
import type { XlsxPackage } from './package.ts';
import { type StringTable, unescapeXlsx } from './strings.ts';
import type { CellStyles } from './styles.ts';
import { spreadsheet } from './vocabulary.ts';

export interface SheetContext {
  strings: StringTable | undefined;
  styles: CellStyles;
  date1904: boolean;
  /** Leaves hidden rows out. */
  visibleOnly: boolean;
  /** Counts the hidden rows that have a value. */
  hiddenRows: number;
}

const maxRowLength = 1024 * 1024;
/** A cell further behind the one before is kept apart: it must not make its row sixteen thousand cells long. */
const maxGap = 64;

const vocabulary = spreadsheet('worksheet', [
  'sheetData/row/c/f',
  'sheetData/row/c/v',
  'sheetData/row/c/is/t',
  'sheetData/row/c/is/r/t',
]);

/** The 0-based column of a reference such as `AB12`. */
function columnOf(reference: string): number {
  let column = 0;
  for (let index = 0; index < reference.length; index += 1) {
    const code = reference.charCodeAt(index) & ~0x20;
    if (code < 65 || code > 90) break;
    column = column * 26 + code - 64;
  }
  return column - 1;
}

function dateSerial(text: string, date1904: boolean): number {
  const time = Date.parse(/T.*(Z|[+-]\d\d:?\d\d)$/.test(text) || !text.includes('T') ? text : `${text}Z`);
  return (time - Date.UTC(1899, 11, 30)) / 86_400_000 - (date1904 ? 1462 : 0);
}

/** What a cell shows, or why it cannot be had. */
type Shown = string | Omit<Fault, 'column'>;

/** A number of more than 15 digits has lost digits, in Excel already, and must not go out as something else. */
function renderNumber(text: string, style: number, { styles, date1904 }: SheetContext): Shown {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (!Number.isFinite(value)) return fault('number-invalid', {});
  if (Math.abs(value) >= 1e15) return fault('number-too-long', {});
  const shown = styles.get(style)?.number(value, date1904) ?? { text: renderGeneral(value) };
  return 'text' in shown ? shown.text : shown.fault;
}

/** A cell while its elements are read. */
interface Cell {
  column: number;
  type: string;
  style: number;
  value: string;
  hasValue: boolean;
  hasFormula: boolean;
}

function renderText(text: string, { style }: Cell, { styles }: SheetContext): string {
  return styles.get(style)?.text(text) ?? text;
}

function shownText(cell: Cell, context: SheetContext): Shown {
  const { type, value, style } = cell;
  switch (type) {
    case 's': {
      const text = /^\d+$/.test(value) ? context.strings?.get(Number(value)) : undefined;
      if (text !== undefined) return renderText(text, cell, context);
      return fault('cell-error/text', {});
    }
    case 'inlineStr':
    case 'str':
      return renderText(unescapeXlsx(value), cell, context);
    case 'b':
      return value === '1' || value === 'true' ? 'TRUE' : 'FALSE';
    case 'e':
      return fault('cell-error', { error: value.slice(0, 20) });
    case 'd': {
      const serial = dateSerial(value, context.date1904);
      return Number.isFinite(serial) ? renderNumber(String(serial), style, context) : value;
    }
    default:
      return renderNumber(value, style, context);
  }
}

/** One row while it is read. */
class Row implements RawRecord {
  readonly line: number;
  readonly hidden: boolean;
  cells: string[] = [];
  far?: Map<number, string>;
  faults?: Fault[];
  private length = 0;

  constructor(line: number, hidden: boolean) {
    this.line = line;
    this.hidden = hidden;
  }

  get isEmpty(): boolean {
    return this.cells.length === 0 && this.far === undefined && this.faults === undefined;
  }

  put(column: number, shown: Shown): void {
    // A cell at fault keeps its row from looking empty.
    const text = typeof shown === 'string' ? shown : '?';
    if (typeof shown !== 'string') {
      this.faults ??= [];
      this.faults.push({ ...shown, column });
    }
    if (column > this.cells.length + maxGap) {
      this.far ??= new Map();
      this.far.set(column, text);
    } else {
      while (this.cells.length < column) this.cells.push('');
      this.cells[column] = text;
    }
    this.length += text.length;
    if (this.length <= maxRowLength && (this.faults?.length ?? 0) <= maxColumns) return;
    this.cells = [];
    delete this.far;
    this.length = 0;
    this.faults = [fault('line-too-long/row', { most: String(maxRowLength) })];
  }
}

/** The rows of a sheet as the spreadsheet program shows them; a cell without a sure text becomes a fault. */
export async function* readSheet(
  pack: XlsxPackage,
  part: string,
  context: SheetContext,
): AsyncGenerator<RawRecord[]> {
  let rows: RawRecord[] = [];
  let row = new Row(0, false);
  let cell: Cell = { column: -1, type: 'n', style: 0, value: '', hasValue: false, hasFormula: false };

  const endCell = (): void => {
    const { column, hasValue, hasFormula } = cell;
    if (column < 0 || column >= maxColumns) return;
    if (hasValue) row.put(column, shownText(cell, context));
    else if (hasFormula) {
      row.put(column, fault('formula-not-calculated', {}));
    }
  };
  const endRow = (): void => {
    if (row.isEmpty) return;
    if (row.hidden) {
      context.hiddenRows += 1;
      if (context.visibleOnly) return;
    }
    rows.push(row);
  };

  const steps = pack.parse(part, vocabulary, {
    open(path, attributes) {
      switch (path) {
        case 'sheetData/row': {
          const number = Number(attributes.r);
          const line = Number.isSafeInteger(number) && number > row.line ? number : row.line + 1;
          row = new Row(line, attributes.hidden === '1' || attributes.hidden === 'true');
          cell = { ...cell, column: -1 };
          break;
        }
        case 'sheetData/row/c':
          cell = {
            column: attributes.r === undefined ? cell.column + 1 : columnOf(attributes.r),
            type: attributes.t ?? 'n',
            style: attributes.s === undefined ? 0 : Number(attributes.s),
            value: '',
            hasValue: false,
            hasFormula: false,
          };
          break;
        case 'sheetData/row/c/f':
          cell.hasFormula = true;
          break;
        // An inline text may be empty; an empty `v` is no value, unless it is a formula's text.
        case 'sheetData/row/c/v':
          if (cell.type === 'str') cell.hasValue = true;
          break;
        case 'sheetData/row/c/is/t':
        case 'sheetData/row/c/is/r/t':
          if (cell.type === 'inlineStr') cell.hasValue = true;
          break;
      }
    },
    text(path, piece) {
      const isText = path === 'sheetData/row/c/is/t' || path === 'sheetData/row/c/is/r/t';
      if (path !== 'sheetData/row/c/v' && !(isText && cell.type === 'inlineStr')) return;
      cell.hasValue = true;
      // Cut where the row is over its limit anyway.
      if (cell.value.length <= maxRowLength) cell.value += piece;
    },
    close(path) {
      if (path === 'sheetData/row/c') endCell();
      else if (path === 'sheetData/row') endRow();
    },
  });
  for await (const _ of steps) {
    if (rows.length === 0) continue;
    const ready = rows;
    rows = [];
    yield ready;
  }
}
