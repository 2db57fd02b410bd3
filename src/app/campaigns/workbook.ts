import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import yazl from 'yazl';

/** Rows of a sheet, the header included: the format's own limit. */
const sheetRows = 1_048_576;
/** Characters of a cell: the format's own limit. */
const maxCellLength = 32_767;

/** The text of a value in a cell; times in UTC. */
export function cellText(value: unknown): string {
  if (value === null || value === undefined) return '';
  return value instanceof Date ? value.toISOString() : String(value);
}

const head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"';
const office = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const packageRels = 'http://schemas.openxmlformats.org/package/2006/relationships';
const sheetType = 'application/vnd.openxmlformats-officedocument.spreadsheetml';

/**
 * Writes rows as an XLSX workbook, in memory that does not depend on their number; more than a sheet holds go on in
 * another one.
 *
 * Texts are texts and never formulas; only our own numbers are numbers, so that no digit of an id is lost.
 */
export async function writeWorkbook(
  out: Writable,
  header: readonly string[],
  rows: AsyncGenerator<unknown[][]>,
  signal: AbortSignal,
): Promise<void> {
  const zip = new yazl.ZipFile();
  const written = pipeline(zip.outputStream, out, { signal });
  // The same failure reaches the await below.
  written.catch(() => {});
  const source = new RowSource(rows);
  let sheets = 0;
  do {
    sheets += 1;
    const sheet = Readable.from(sheetXml(header, source));
    const ended = new Promise<void>((resolve, reject) => {
      sheet.once('end', resolve);
      sheet.once('error', reject);
      sheet.once('close', () => reject(new Error('the workbook was not written to its end')));
    });
    zip.addReadStream(sheet, `xl/worksheets/sheet${sheets}.xml`);
    ended.catch(() => {});
    try {
      // A reader of our output that went away ends the pipeline, and nobody reads the sheet any more.
      await Promise.race([ended, written]);
    } finally {
      sheet.destroy();
    }
  } while (!source.done);
  for (const [name, xml] of parts(sheets)) zip.addBuffer(Buffer.from(head + xml), name);
  zip.end();
  await written;
}

/** The rows one by one, across sheets. */
class RowSource {
  done = false;
  private readonly pages: AsyncGenerator<unknown[][]>;
  private page: unknown[][] = [];
  private at = 0;

  constructor(pages: AsyncGenerator<unknown[][]>) {
    this.pages = pages;
  }

  /** Up to `most` rows; none at the end. */
  async next(most: number): Promise<unknown[][]> {
    while (this.at >= this.page.length) {
      const next = await this.pages.next();
      if (next.done === true) {
        this.done = true;
        return [];
      }
      this.page = next.value;
      this.at = 0;
    }
    const rows = this.page.slice(this.at, this.at + most);
    this.at += rows.length;
    return rows;
  }
}

async function* sheetXml(header: readonly string[], source: RowSource): AsyncGenerator<string> {
  // The first row stays in sight.
  const view =
    '<sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" state="frozen"/></sheetView></sheetViews>';
  yield `${head}<worksheet ${main}>${view}<sheetData>${rowXml(header)}`;
  for (let left = sheetRows - 1; left > 0; ) {
    const rows = await source.next(left);
    if (rows.length === 0) break;
    left -= rows.length;
    yield rows.map(rowXml).join('');
  }
  yield '</sheetData></worksheet>';
}

function rowXml(cells: readonly unknown[]): string {
  return `<row>${cells.map(cellXml).join('')}</row>`;
}

function cellXml(value: unknown): string {
  if (typeof value === 'number') return `<c><v>${value}</v></c>`;
  const text = cellText(value);
  return text === '' ? '<c/>' : `<c t="inlineStr"><is><t xml:space="preserve">${xmlText(text)}</t></is></c>`;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what XML cannot hold
const unwritable = /[\u0000-\u0008\u000b-\u001f\ufffe\uffff]/g;

/** Characters that XML cannot hold are written as the format does, `_x0007_`; such a text in the value itself too. */
function xmlText(text: string): string {
  return text
    .slice(0, maxCellLength)
    .toWellFormed()
    .replace(/_(?=x[0-9a-fA-F]{4}_)/g, '_x005F_')
    .replace(unwritable, (char) => `_x${char.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}_`)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
}

function parts(sheets: number): [name: string, xml: string][] {
  const numbers = Array.from({ length: sheets }, (_, index) => index + 1);
  const overrides = numbers.map(
    (n) => `<Override PartName="/xl/worksheets/sheet${n}.xml" ContentType="${sheetType}.worksheet+xml"/>`,
  );
  const list = numbers.map(
    (n) => `<sheet name="${n === 1 ? 'campaign' : `campaign ${n}`}" sheetId="${n}" r:id="rId${n}"/>`,
  );
  const rels = numbers.map(
    (n) => `<Relationship Id="rId${n}" Type="${office}/worksheet" Target="worksheets/sheet${n}.xml"/>`,
  );
  const types =
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>';
  return [
    [
      '[Content_Types].xml',
      `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">${types}<Override PartName="/xl/workbook.xml" ContentType="${sheetType}.sheet.main+xml"/>${overrides.join('')}</Types>`,
    ],
    [
      '_rels/.rels',
      `<Relationships xmlns="${packageRels}"><Relationship Id="rId1" Type="${office}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
    ],
    ['xl/workbook.xml', `<workbook ${main} xmlns:r="${office}"><sheets>${list.join('')}</sheets></workbook>`],
    ['xl/_rels/workbook.xml.rels', `<Relationships xmlns="${packageRels}">${rels.join('')}</Relationships>`],
  ];
}
