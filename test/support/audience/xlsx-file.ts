import { crc32, deflateRawSync } from 'node:zlib';

export interface ZipEntry {
  name: string;
  data: Buffer | string;
  /** Stored instead of deflated. */
  stored?: boolean;
  /** Written into the headers instead of the true size, as a forged archive would. */
  claimedSize?: number;
}

/** A zip archive in memory: local headers, data, central directory. */
export function zipFile(entries: readonly ZipEntry[]): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, data, stored = false, claimedSize } of entries) {
    const raw = Buffer.from(data);
    const body = stored ? raw : deflateRawSync(raw);
    const path = Buffer.from(name);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(0x0800, 2);
    common.writeUInt16LE(stored ? 0 : 8, 4);
    common.writeUInt32LE(crc32(raw), 10);
    common.writeUInt32LE(body.length, 14);
    common.writeUInt32LE(claimedSize ?? raw.length, 18);
    common.writeUInt16LE(path.length, 22);
    const local = Buffer.concat([Buffer.from('504b0304', 'hex'), common, path, body]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(offset, 10);
    directory.push(Buffer.concat([Buffer.from('504b01021400', 'hex'), common, tail, path]));
    parts.push(local);
    offset += local.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('504b0506', 'hex');
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, central, end]);
}

const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const office = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const packageRels = 'http://schemas.openxmlformats.org/package/2006/relationships';
const head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';

export interface WorkbookParts {
  /** `<row>` elements of each sheet by sheet name, or `{ rows, state }`. */
  sheets: Record<string, string | { rows: string; state: string }>;
  /** Contents of the `<si>` elements. */
  strings?: readonly string[];
  /** Number format codes; cell style n + 1 shows the n-th, style 0 is General. A number is a built-in id. */
  formats?: readonly (string | number)[];
  date1904?: boolean;
  /** `x:` writes every spreadsheet element with a namespace prefix, as some libraries do. */
  prefix?: string;
  /** Relationship targets as `/xl/…` instead of relative ones. */
  absoluteTargets?: boolean;
}

export function escapeXml(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');
}

/** The parts of a workbook as XML, in the shape of the named variations. */
export function workbookEntries(parts: WorkbookParts): ZipEntry[] {
  const { prefix = '', absoluteTargets = false } = parts;
  const p = (xml: string): string => (prefix === '' ? xml : xml.replace(/<(\/?)(?=[a-z])/gi, `<$1${prefix}`));
  const namespace = prefix === '' ? `xmlns="${main}"` : `xmlns:${prefix.slice(0, -1)}="${main}"`;
  const root = (name: string, inner: string): string =>
    head + p(`<${name} NAMESPACE xmlns:r="${office}">${inner}</${name}>`).replace('NAMESPACE', namespace);
  const names = Object.keys(parts.sheets);
  const base = absoluteTargets ? '/xl/' : '';
  const rels = [
    ...names.map(
      (_, i) =>
        `<Relationship Id="rId${i + 1}" Type="${office}/worksheet" Target="${base}worksheets/sheet${i + 1}.xml"/>`,
    ),
    `<Relationship Id="rIdS" Type="${office}/styles" Target="${base}styles.xml"/>`,
    `<Relationship Id="rIdT" Type="${office}/sharedStrings" Target="${base}sharedStrings.xml"/>`,
  ];
  const formats = parts.formats ?? [];
  const custom = formats.map((format, i) =>
    typeof format === 'string' ? `<numFmt numFmtId="${200 + i}" formatCode="${escapeXml(format)}"/>` : '',
  );
  const xfs = formats.map(
    (format, i) => `<xf numFmtId="${typeof format === 'string' ? 200 + i : format}" applyNumberFormat="1"/>`,
  );
  return [
    {
      name: '_rels/.rels',
      data: `${head}<Relationships xmlns="${packageRels}"><Relationship Id="rId1" Type="${office}/officeDocument" Target="${absoluteTargets ? '/' : ''}xl/workbook.xml"/></Relationships>`,
    },
    {
      name: 'xl/workbook.xml',
      data: root(
        'workbook',
        `<workbookPr${parts.date1904 === true ? ' date1904="1"' : ''}/><sheets>${names
          .map((name, i) => {
            const sheet = parts.sheets[name]!;
            const state = typeof sheet === 'string' ? '' : ` state="${sheet.state}"`;
            return `<sheet name="${escapeXml(name)}" sheetId="${i + 1}"${state} r:id="rId${i + 1}"/>`;
          })
          .join('')}</sheets>`,
      ),
    },
    {
      name: 'xl/_rels/workbook.xml.rels',
      data: `${head}<Relationships xmlns="${packageRels}">${rels.join('')}</Relationships>`,
    },
    {
      name: 'xl/styles.xml',
      data: root(
        'styleSheet',
        `<numFmts>${custom.join('')}</numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/>${xfs.join('')}</cellXfs>`,
      ),
    },
    {
      name: 'xl/sharedStrings.xml',
      data: root('sst', (parts.strings ?? []).map((si) => `<si>${si}</si>`).join('')),
    },
    ...names.map((name, i) => {
      const sheet = parts.sheets[name]!;
      const rows = typeof sheet === 'string' ? sheet : sheet.rows;
      return {
        name: `xl/worksheets/sheet${i + 1}.xml`,
        data: root('worksheet', `<sheetData>${rows}</sheetData>`),
      };
    }),
  ];
}

export function workbook(parts: WorkbookParts): Buffer {
  return zipFile(workbookEntries(parts));
}

/** A row of inline texts. */
export function textRow(number: number, cells: readonly string[]): string {
  return `<row r="${number}">${cells.map((cell) => `<c t="inlineStr"><is><t xml:space="preserve">${escapeXml(cell)}</t></is></c>`).join('')}</row>`;
}
