import type { Fault, RawRecord } from './record.ts';
import { type NumberFormat, renderGeneral } from './xlsx-number-format.ts';
import type { XlsxPackage } from './xlsx-package.ts';
import { type StringTable, unescapeXlsx } from './xlsx-strings.ts';

export interface SheetContext {
  strings: StringTable | undefined;
  styles: readonly NumberFormat[];
  date1904: boolean;
}

/** Excel's last column, XFD. */
const maxColumns = 16_384;
const maxRowLength = 1024 * 1024;

/** The 0-based column of a reference such as `AB12`. */
export function columnOf(reference: string): number {
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

/** A number of more than 15 digits has lost digits, in Excel already, and must not go out as something else. */
function renderNumber(text: string, style: number, context: SheetContext): string | Omit<Fault, 'column'> {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (!Number.isFinite(value)) return { reason: 'number-invalid', detail: 'the cell is not a number' };
  if (Math.abs(value) >= 1e15) {
    const detail = 'a number of more than 15 digits, which spreadsheets round: format the column as text';
    return { reason: 'number-too-long', detail };
  }
  const format = context.styles[style];
  if (format === undefined) return renderGeneral(value);
  const shown = format.render(value, context.date1904);
  return shown ?? { reason: 'date-out-of-range', detail: 'the date is negative or after the year 9999' };
}

/** The rows of a sheet as the spreadsheet program shows them; a cell without a sure text becomes a fault. */
export async function* readSheet(
  pack: XlsxPackage,
  part: string,
  context: SheetContext,
): AsyncGenerator<RawRecord[]> {
  let rows: RawRecord[] = [];
  let rowNumber = 0;
  let row: RawRecord | undefined;
  let column = -1;
  let rowLength = 0;
  let type = '';
  let style = 0;
  let value = '';
  let hasValue = false;
  let hasFormula = false;
  let reading = false;
  let phonetic = 0;

  const fault = (found: Omit<Fault, 'column'>, wholeRow = false): void => {
    if (row === undefined) return;
    row.faults ??= [];
    // One fault per cell at most; a hostile file must not collect them.
    if (row.faults.length < maxColumns) row.faults.push(wholeRow ? found : { ...found, column });
  };
  const cellText = (): string | Omit<Fault, 'column'> => {
    switch (type) {
      case 's': {
        const text = /^\d+$/.test(value) ? context.strings?.get(Number(value)) : undefined;
        return (
          text ?? {
            reason: 'cell-error',
            detail: 'the cell refers to a text that the workbook does not have',
          }
        );
      }
      case 'inlineStr':
      case 'str':
        return unescapeXlsx(value);
      case 'b':
        return value === '1' || value === 'true' ? 'TRUE' : 'FALSE';
      case 'e':
        return { reason: 'cell-error', detail: `the cell shows the error ${value.slice(0, 20)}` };
      case 'd': {
        const serial = dateSerial(value, context.date1904);
        return Number.isFinite(serial) ? renderNumber(String(serial), style, context) : value;
      }
      default:
        return renderNumber(value, style, context);
    }
  };
  const endCell = (): void => {
    if (row === undefined || column < 0 || column >= maxColumns) return;
    if (!hasValue) {
      if (hasFormula) {
        fault({
          reason: 'formula-not-calculated',
          detail: 'a formula without a stored result: open and save the file',
        });
        // Keeps the row from looking empty.
        while (row.cells.length < column) row.cells.push('');
        row.cells[column] = '?';
      }
      return;
    }
    const text = cellText();
    if (typeof text !== 'string') fault(text);
    while (row.cells.length < column) row.cells.push('');
    row.cells[column] = typeof text === 'string' ? text : '?';
    rowLength += row.cells[column]!.length;
    if (rowLength > maxRowLength) {
      row.cells = [];
      rowLength = 0;
      fault({ reason: 'line-too-long', detail: `the row is longer than ${maxRowLength} characters` }, true);
    }
  };

  const steps = pack.parse(part, {
    open(tag, attributes) {
      switch (tag) {
        case 'row': {
          const number = Number(attributes.r);
          rowNumber = Number.isInteger(number) && number > rowNumber ? number : rowNumber + 1;
          row = { line: rowNumber, cells: [] };
          column = -1;
          rowLength = 0;
          break;
        }
        case 'c':
          column = attributes.r === undefined ? column + 1 : columnOf(attributes.r);
          type = attributes.t ?? 'n';
          style = attributes.s === undefined ? 0 : Number(attributes.s);
          value = '';
          hasValue = false;
          hasFormula = false;
          break;
        case 'f':
          hasFormula = true;
          break;
        case 'rPh':
          phonetic += 1;
          break;
        case 'v':
        case 't':
          reading = row !== undefined && phonetic === 0 && (tag === 'v' || type === 'inlineStr');
          // An inline text may be empty; an empty `v` is no value, unless it is a formula's text.
          if (reading && (tag === 't' || type === 'str')) hasValue = true;
          break;
      }
    },
    text(piece) {
      if (!reading) return;
      value += piece;
      hasValue = true;
    },
    close(tag) {
      if (tag === 'v' || tag === 't') reading = false;
      else if (tag === 'rPh') phonetic -= 1;
      else if (tag === 'c') endCell();
      else if (tag === 'row' && row !== undefined) {
        if (row.cells.length > 0 || row.faults !== undefined) rows.push(row);
        row = undefined;
      }
    },
  });
  for await (const _ of steps) {
    if (rows.length === 0) continue;
    const ready = rows;
    rows = [];
    yield ready;
  }
}
