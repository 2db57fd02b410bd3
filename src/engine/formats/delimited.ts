import type { LineBlock } from './lines.ts';
import { maxLineLength } from './lines.ts';
import { looksLikeOpenid, openidNameRank } from './openid.ts';
import { type Fault, fault, type RawRecord } from './record.ts';

/**
 * How the cells of a delimited file are written.
 *
 * - `quoted`: RFC 4180, as spreadsheet programs write CSV and TSV. A quote inside an unquoted cell is itself, as in Excel.
 * - `mysql`: `mysql --batch`. No quotes; `\n`, `\t`, `\\`, `\0` are escapes, `NULL` is the empty string.
 * - `mysql-guessed`: the same, decided from the first bytes only; a quoted cell further on is a bad row.
 */
export type Dialect = 'quoted' | 'mysql' | 'mysql-guessed';

export interface DelimitedOptions {
  delimiter: string;
  dialect: Dialect;
  /** Of `mysql`, which does not escape it: a carriage return inside a line is part of a cell, and ends no line. */
  crInCells?: boolean;
}

/** Most cells of a record, as in a spreadsheet. */
export const maxColumns = 16_384;
/** Most lines of a record; a cell of a spreadsheet holds 32,767 characters. */
const maxRecordLines = 131_072;
/** Records whose number of cells says how wide the others may be: titles above the header are narrower. */
const widthSample = 20;

/** The delimiter of some first lines: the one that shows an openid column, else the one that gives most cells. */
export function detectDelimiter(
  lines: readonly string[],
  candidates: readonly string[] = [',', ';', '\t'],
): string {
  let best = candidates[0]!;
  let bestScore = -1;
  for (const delimiter of candidates) {
    const parser = new DelimitedParser({ delimiter, dialect: 'quoted' });
    const records = [...parser.push({ first: 1, lines: lines.slice(0, widthSample) }), ...parser.end()];
    for (const { cells, faults } of records) {
      const tooMany = faults?.[0]?.reason === 'column-count';
      const hasOpenid = cells.some((cell) => openidNameRank(cell) !== undefined || looksLikeOpenid(cell));
      const score = (hasOpenid && cells.length > 1 ? 1e6 : 0) + (tooMany ? maxColumns : cells.length);
      if (score <= bestScore) continue;
      best = delimiter;
      bestScore = score;
    }
  }
  return best;
}

/** Excel's own first line `sep=;`, which names the delimiter and is no row; other programs quote it. */
export function separatorLine(line: string): string | undefined {
  const found = /^(?:sep=([,;\t|])|"sep=([,;\t|])")\r?$/i.exec(line);
  return found?.[1] ?? found?.[2];
}

function unescapeMysql(cell: string): string {
  if (cell === 'NULL') return '';
  if (!cell.includes('\\')) return cell;
  return cell.replace(/\\([nt0\\])/g, (_, escaped: string) => {
    switch (escaped) {
      case 'n':
        return '\n';
      case 't':
        return '\t';
      case '0':
        return '\0';
      default:
        return '\\';
    }
  });
}

interface SourceLine {
  line: number;
  text: string;
  loneCr: boolean;
  fault: Fault | undefined;
}

type Step = 'complete' | 'open' | 'broken';

/** How reading went on from an open quote: the same, whichever of these lines opened it. */
interface KnownEnd {
  /** Numbers of the first and of the last line. */
  first: number;
  last: number;
  /** Whether the last one closed a record; else it broke it, or the file ended. */
  complete: boolean;
  /** Cells that were complete after each line. */
  counts: number[];
  /** Cells without a value at the end of the record. */
  blank: number;
  /** The last line in which an openid stands alone; 0 is none. */
  openidLine: number;
}

/** Shared: a hostile file has millions of them. */
const broken: Fault[] = [fault('quote-broken', {})];
const ambiguous: Fault[] = [fault('quote-ambiguous', {})];

const standsAlone = /(?<![\w-])o[\w-]{27}(?![\w-])/;

function trailingBlanks(cells: readonly string[]): number {
  let blank = 0;
  while (blank < cells.length && cells[cells.length - 1 - blank]!.trim() === '') blank += 1;
  return blank;
}

function withoutCr(text: string): string {
  return text.endsWith('\r') ? text.slice(0, -1) : text;
}

/**
 * Turns lines into records.
 *
 * Not csv-parse: after a quote that is never closed it takes the rest of the file for one cell, so that everybody below
 * is forgotten. Here such a record is given as faulty and reading resumes on the line after its first. csv-parse is the
 * oracle of the tests for well-formed files.
 *
 * Each line is read at most three times, whatever its quotes: what an open quote came to is kept, and not found out
 * again for each line below it.
 */
export class DelimitedParser {
  private readonly delimiter: string;
  private readonly dialect: Dialect;
  private readonly crInCells: boolean;
  /** Lines of the record whose quoted cell is still open. */
  private pending: SourceLine[] = [];
  private pendingLength = 0;
  private cells: string[] = [];
  /** Cells that were complete after each pending line. */
  private counts: number[] = [];
  /** Parts of the open quoted cell. */
  private open: string[] | undefined;
  private known: KnownEnd | undefined;
  /** The line that goes on after a carriage return, of `mysql`. */
  private started: SourceLine | undefined;
  /** Most cells of the first records. */
  private width = 0;
  private records = 0;

  constructor(options: DelimitedOptions) {
    this.delimiter = options.delimiter;
    this.dialect = options.dialect;
    this.crInCells = options.crInCells ?? false;
  }

  /** The records that are complete with these lines. Blank lines are none. */
  push(block: LineBlock): RawRecord[] {
    const out: RawRecord[] = [];
    const { lines, first, loneCr, faults } = block;
    for (let index = 0; index < lines.length; index += 1) {
      const line = first + index;
      const text = lines[index]!;
      // Most lines end here: no quote, none open.
      if (
        this.dialect === 'quoted' &&
        this.open === undefined &&
        faults === undefined &&
        !text.includes('"')
      ) {
        this.unquoted(line, text, out);
        continue;
      }
      this.feed({ line, text, loneCr: loneCr?.has(index) ?? false, fault: faults?.get(index) }, out);
    }
    return out;
  }

  /** What is left at the end of the file. */
  end(): RawRecord[] {
    const out: RawRecord[] = [];
    const { started } = this;
    this.started = undefined;
    if (started !== undefined) this.plainLine({ ...started, loneCr: false }, out);
    for (const line of this.breakUp(out, 'end')) this.feed(line, out);
    return out;
  }

  private unquoted(line: number, text: string, out: RawRecord[]): void {
    if (text.trim() === '' && !text.includes(this.delimiter)) return;
    this.add(out, line, withoutCr(text).split(this.delimiter));
  }

  private add(out: RawRecord[], line: number, cells: string[]): void {
    if (cells.length > maxColumns) {
      const values = { cells: String(cells.length), most: String(maxColumns) };
      out.push({ line, cells: [], faults: [fault('column-count/most', values)] });
      return;
    }
    this.records += 1;
    if (this.records <= widthSample) this.width = Math.max(this.width, cells.length);
    out.push({ line, cells });
  }

  private feed(source: SourceLine, out: RawRecord[]): void {
    // A stack instead of recursion: giving up a record puts its other lines on top again.
    const stack = [source];
    for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
      if (this.dialect !== 'quoted') {
        this.plainLine(next, out);
        continue;
      }
      if (this.open === undefined) {
        if (next.fault !== undefined) {
          out.push({ line: next.line, cells: [], faults: [next.fault] });
          continue;
        }
        if (!next.text.includes('"')) {
          this.unquoted(next.line, next.text, out);
          continue;
        }
      }
      this.pending.push(next);
      this.pendingLength += next.text.length + 1;
      const tooLong = this.pendingLength > maxLineLength || this.pending.length > maxRecordLines;
      const step = next.fault !== undefined || tooLong ? 'broken' : this.scan(next);
      this.counts.push(this.cells.length);
      if (step === 'open') {
        if (this.pending.length === 1 && this.leadsNowhere(next.line)) this.breakUp(out, 'broken');
      } else if (step === 'broken' || this.swallowed()) {
        for (const line of this.breakUp(out, step).reverse()) stack.push(line);
      } else {
        this.add(out, this.pending[0]!.line, this.cells);
        this.reset();
      }
    }
  }

  /** Whether a complete record of several lines has the wrong number of cells: more likely a stray quote than one record. */
  private swallowed(): boolean {
    if (this.pending.length === 1 || this.width === 0) return false;
    const { length } = this.cells;
    if (length > this.width) return length - trailingBlanks(this.cells) > this.width;
    // Empty last cells may be left out, people may not.
    return length < this.width && this.pending.slice(1).some(({ text }) => standsAlone.test(text));
  }

  /** Whether a quote that is open after this line was read before, with an end that makes no record of it. */
  private leadsNowhere(line: number): boolean {
    const { known, width } = this;
    if (known === undefined || line < known.first || line >= known.last) return false;
    if (!known.complete) return true;
    const added = known.counts.at(-1)! - known.counts[line - known.first]!;
    const length = this.cells.length + added;
    if (length > width) return length - Math.min(known.blank, added) > width;
    return length < width && known.openidLine > line;
  }

  private plainLine(next: SourceLine, out: RawRecord[]): void {
    const { started } = this;
    this.started = undefined;
    const { line } = started ?? next;
    const text = started === undefined ? next.text : started.text + next.text;
    const fault = started?.fault ?? next.fault;
    if (next.loneCr && this.crInCells && text.length <= maxLineLength) {
      this.started = { line, text, fault, loneCr: true };
      return;
    }
    if (fault !== undefined) {
      out.push({ line, cells: [], faults: [fault] });
      return;
    }
    if (text.trim() === '' && !text.includes(this.delimiter)) return;
    const raw = withoutCr(text).split(this.delimiter);
    const before = out.length;
    this.add(out, line, raw.map(unescapeMysql));
    if (this.dialect === 'mysql-guessed' && raw.some((cell) => cell.startsWith('"'))) {
      out[before]!.faults = ambiguous;
    }
  }

  /** Reports the pending record as broken and returns its lines after the first, to be read again. */
  private breakUp(out: RawRecord[], how: 'broken' | 'complete' | 'end'): SourceLine[] {
    const [first, ...others] = this.pending;
    const last = this.pending.at(-1);
    const { cells, counts } = this;
    const complete = how === 'complete';
    this.reset();
    if (first === undefined || last === undefined) return [];
    if (others.length > 0)
      this.known = {
        first: first.line,
        last: how === 'end' ? Number.POSITIVE_INFINITY : last.line,
        complete,
        counts,
        blank: trailingBlanks(cells),
        openidLine: complete ? (others.findLast(({ text }) => standsAlone.test(text))?.line ?? 0) : 0,
      };
    out.push({ line: first.line, cells: [], faults: broken });
    return others;
  }

  private reset(): void {
    this.pending = [];
    this.pendingLength = 0;
    this.cells = [];
    this.counts = [];
    this.open = undefined;
  }

  /** Reads one more line of the pending record into `cells`. */
  private scan({ text: line, loneCr }: SourceLine): Step {
    const end = line.endsWith('\r') ? line.length - 1 : line.length;
    const { delimiter } = this;
    let at = 0;
    for (;;) {
      if (this.open === undefined) {
        const quote = this.openingQuote(line, at);
        if (quote >= 0) {
          this.open = [];
          at = quote + 1;
        }
      }
      if (this.open !== undefined) {
        for (;;) {
          const quote = line.indexOf('"', at);
          if (quote < 0) {
            // The carriage return belongs to the cell here.
            this.open.push(line.slice(at), loneCr ? '' : '\n');
            return 'open';
          }
          if (line[quote + 1] !== '"') {
            this.open.push(line.slice(at, quote));
            at = quote + 1;
            break;
          }
          this.open.push(line.slice(at, quote + 1));
          at = quote + 2;
        }
        this.cells.push(this.open.join(''));
        this.open = undefined;
        at = this.afterBlanks(line, at, end);
        if (at >= end) return 'complete';
        if (line[at] !== delimiter) return 'broken';
        at += 1;
      } else {
        const found = line.indexOf(delimiter, at);
        if (found < 0) {
          this.cells.push(line.slice(at, end));
          return 'complete';
        }
        this.cells.push(line.slice(at, found));
        at = found + 1;
      }
    }
  }

  private afterBlanks(line: string, from: number, end: number): number {
    let at = from;
    while (at < end && (line[at] === ' ' || line[at] === '\t') && line[at] !== this.delimiter) at += 1;
    return at;
  }

  /**
   * Where the cell that begins at `at` is quoted; -1 when it is not. Blanks may stand before the quote, if the quote is
   * closed on the same line and blanks only follow: other programs write `a, "b, c"`, and `a, "b" c` is text.
   */
  private openingQuote(line: string, at: number): number {
    if (line[at] === '"') return at;
    if (line[at] !== ' ' && line[at] !== '\t') return -1;
    const end = line.endsWith('\r') ? line.length - 1 : line.length;
    const quote = this.afterBlanks(line, at, end);
    if (line[quote] !== '"') return -1;
    for (let close = line.indexOf('"', quote + 1); close >= 0; close = line.indexOf('"', close + 2)) {
      if (line[close + 1] === '"') continue;
      const after = this.afterBlanks(line, close + 1, end);
      return after >= end || line[after] === this.delimiter ? quote : -1;
    }
    return -1;
  }
}
