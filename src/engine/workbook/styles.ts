import { type CellFormat, cellFormat } from './format.ts';
import { tooMany, type XlsxPackage } from './package.ts';
import { spreadsheet } from './vocabulary.ts';

// Built-in formats have no code in the file. Those that follow the reader's locale are given as a Chinese Excel shows them.
const builtIn: Record<number, string> = {
  1: '0',
  2: '0.00',
  3: '#,##0',
  4: '#,##0.00',
  5: '"¥"#,##0;"¥"-#,##0',
  6: '"¥"#,##0;"¥"-#,##0',
  7: '"¥"#,##0.00;"¥"-#,##0.00',
  8: '"¥"#,##0.00;"¥"-#,##0.00',
  9: '0%',
  10: '0.00%',
  14: 'yyyy/m/d',
  15: 'd-mmm-yy',
  16: 'd-mmm',
  17: 'mmm-yy',
  18: 'h:mm AM/PM',
  19: 'h:mm:ss AM/PM',
  20: 'h:mm',
  21: 'h:mm:ss',
  22: 'yyyy/m/d h:mm',
  27: 'yyyy"年"m"月"',
  28: 'm"月"d"日"',
  29: 'm"月"d"日"',
  30: 'm-d-yy',
  31: 'yyyy"年"m"月"d"日"',
  32: 'h"时"mm"分"',
  33: 'h"时"mm"分"ss"秒"',
  34: '上午/下午h"时"mm"分"',
  35: '上午/下午h"时"mm"分"ss"秒"',
  36: 'yyyy"年"m"月"',
  37: '#,##0;-#,##0',
  38: '#,##0;-#,##0',
  39: '#,##0.00;-#,##0.00',
  40: '#,##0.00;-#,##0.00',
  45: 'mm:ss',
  46: '[h]:mm:ss',
  47: 'mm:ss.0',
  49: '@',
  50: 'yyyy"年"m"月"',
  51: 'm"月"d"日"',
  52: 'yyyy"年"m"月"',
  53: 'm"月"d"日"',
  54: 'm"月"d"日"',
  55: '上午/下午h"时"mm"分"',
  56: '上午/下午h"时"mm"分"ss"秒"',
  57: 'yyyy"年"m"月"',
  58: 'm"月"d"日"',
};

// Excel has at most 65,490 cell styles and some 250 formats of the user's own; other programs write a few more.
const maxStyles = 65_536;
const maxFormats = 4096;

const vocabulary = spreadsheet('styleSheet', ['numFmts/numFmt', 'cellXfs/xf']);

/** The formats of cells by the number that cells give as `s`. Each is parsed when the first cell uses it. */
export class CellStyles {
  private readonly ids: number[] = [];
  private readonly codes = new Map<number, string>();
  private readonly parsed = new Map<number, CellFormat>();

  /** Undefined is General. */
  get(style: number): CellFormat | undefined {
    const id = this.ids[style];
    if (id === undefined || id === 0) return undefined;
    let format = this.parsed.get(id);
    if (format === undefined) {
      format = cellFormat(this.codes.get(id) ?? builtIn[id] ?? 'General');
      this.parsed.set(id, format);
    }
    return format;
  }

  /** Throws `RECIPIENT_FILE_TOO_LARGE`. */
  addStyle(id: number, name: string): void {
    if (this.ids.push(id) > maxStyles) throw tooMany(name, maxStyles, 'styles');
  }

  addFormat(id: number, code: string, name: string): void {
    this.codes.set(id, code);
    if (this.codes.size > maxFormats) throw tooMany(name, maxFormats, 'formats');
  }
}

/** Formats of tables and of conditional formatting (`dxfs`) have numbers of their own, and are not those of cells. */
export async function readStyles(pack: XlsxPackage, part: string, name: string): Promise<CellStyles> {
  const styles = new CellStyles();
  const steps = pack.parse(part, vocabulary, {
    open(path, { numFmtId, formatCode }) {
      if (path === 'numFmts/numFmt') styles.addFormat(Number(numFmtId), formatCode ?? 'General', name);
      else if (path === 'cellXfs/xf') styles.addStyle(Number(numFmtId ?? 0), name);
    },
  });
  for await (const _ of steps);
  return styles;
}
