import type { LineBlock } from './lines.ts';
import { maxLineLength } from './lines.ts';
import { looksLikeOpenid, openidNameRank } from './openid.ts';
import type { Fault, RawRecord } from './record.ts';

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
}

/** The delimiter of a sample's first line: the one that shows an openid column, else the one that gives most cells. */
export function detectDelimiter(firstLine: string, candidates: readonly string[] = [',', ';', '\t']): string {
  let best = candidates[0]!;
  let bestScore = -1;
  for (const delimiter of candidates) {
    const parser = new DelimitedParser({ delimiter, dialect: 'quoted' });
    const [record] = [...parser.push({ first: 1, lines: [firstLine] }), ...parser.end()];
    const cells = record?.cells ?? [];
    const hasOpenid = cells.some((cell) => openidNameRank(cell) !== undefined || looksLikeOpenid(cell));
    const score = (hasOpenid && cells.length > 1 ? 1e6 : 0) + cells.length;
    if (score > bestScore) {
      best = delimiter;
      bestScore = score;
    }
  }
  return best;
}

/** Excel's own first line `sep=;`, which names the delimiter and is no row. */
export function separatorLine(line: string): string | undefined {
  return /^sep=([,;\t|])\r?$/i.exec(line)?.[1];
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
  fault: Fault | undefined;
}

type Step = 'complete' | 'open' | 'broken';

/**
 * Turns lines into records.
 *
 * Not csv-parse: after a quote that is never closed it takes the rest of the file for one cell, so that everybody below
 * is forgotten. Here such a record is given as faulty and reading resumes on the line after its first. csv-parse is the
 * oracle of the tests for well-formed files.
 */
export class DelimitedParser {
  private readonly delimiter: string;
  private readonly dialect: Dialect;
  /** Lines of the record whose quoted cell is still open. */
  private pending: SourceLine[] = [];
  private pendingLength = 0;
  private cells: string[] = [];
  /** Parts of the open quoted cell. */
  private open: string[] | undefined;
  /** Cells of the first record, once known. */
  private width: number | undefined;

  constructor(options: DelimitedOptions) {
    this.delimiter = options.delimiter;
    this.dialect = options.dialect;
  }

  /** The records that are complete with these lines. Blank lines are none. */
  push(block: LineBlock): RawRecord[] {
    const out: RawRecord[] = [];
    block.lines.forEach((text, index) => {
      this.feed({ line: block.first + index, text, fault: block.faults?.get(index) }, out);
    });
    return out;
  }

  /** What is left at the end of the file. */
  end(): RawRecord[] {
    const out: RawRecord[] = [];
    while (this.pending.length > 0) this.giveUp(out);
    return out;
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
        if (next.text.trim() === '' && !next.text.includes(this.delimiter)) continue;
        if (!next.text.includes('"')) {
          const { text } = next;
          const cells = (text.endsWith('\r') ? text.slice(0, -1) : text).split(this.delimiter);
          this.width ??= cells.length;
          out.push({ line: next.line, cells });
          continue;
        }
      }
      this.pending.push(next);
      this.pendingLength += next.text.length + 1;
      const step =
        next.fault !== undefined || this.pendingLength > maxLineLength ? 'broken' : this.scan(next.text);
      // Several lines with the wrong number of cells: more likely a stray quote than one record.
      const swallowed =
        this.pending.length > 1 && this.width !== undefined && this.cells.length !== this.width;
      if (step === 'broken' || (step === 'complete' && swallowed)) {
        for (const line of this.breakUp(out).reverse()) stack.push(line);
      } else if (step === 'complete') {
        this.width ??= this.cells.length;
        out.push({ line: this.pending[0]!.line, cells: this.cells });
        this.reset();
      }
    }
  }

  private plainLine({ line, text, fault }: SourceLine, out: RawRecord[]): void {
    if (fault !== undefined) {
      out.push({ line, cells: [], faults: [fault] });
      return;
    }
    if (text.trim() === '' && !text.includes(this.delimiter)) return;
    const raw = (text.endsWith('\r') ? text.slice(0, -1) : text).split(this.delimiter);
    const record: RawRecord = { line, cells: raw.map(unescapeMysql) };
    if (this.dialect === 'mysql-guessed' && raw.some((cell) => cell.startsWith('"'))) {
      const detail = 'a cell starts with a quote, none before did: it may be quoted or contain the quote';
      record.faults = [{ reason: 'quote-ambiguous', detail }];
    }
    out.push(record);
  }

  /** Reports the pending record as broken and returns its lines after the first, to be read again. */
  private breakUp(out: RawRecord[]): SourceLine[] {
    const [first, ...others] = this.pending;
    this.reset();
    if (first === undefined) return [];
    const detail = 'a quoted cell is not closed, or goes on after its closing quote';
    out.push({ line: first.line, cells: [], faults: [{ reason: 'quote-broken', detail }] });
    return others;
  }

  private giveUp(out: RawRecord[]): void {
    for (const line of this.breakUp(out)) this.feed(line, out);
  }

  private reset(): void {
    this.pending = [];
    this.pendingLength = 0;
    this.cells = [];
    this.open = undefined;
  }

  /** Reads one more line of the pending record into `cells`. */
  private scan(line: string): Step {
    const end = line.endsWith('\r') ? line.length - 1 : line.length;
    const { delimiter } = this;
    let at = 0;
    for (;;) {
      if (this.open === undefined && line[at] === '"') {
        this.open = [];
        at += 1;
      }
      if (this.open !== undefined) {
        for (;;) {
          const quote = line.indexOf('"', at);
          if (quote < 0) {
            // The carriage return belongs to the cell here.
            this.open.push(`${line.slice(at)}\n`);
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
}
