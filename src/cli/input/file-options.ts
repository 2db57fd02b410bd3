import { type Command, Option } from 'commander';
import { HongyanError } from '../../base/errors.ts';
import { encodingOf, type TextEncoding, textEncodings } from '../../engine/audience/encoding.ts';
import type { RecipientOptions } from './recipients.ts';

/** How a file of people is to be read, as every command that takes one has it. */
export type FileFlags = Omit<RecipientOptions, 'signal'>;

export function withFileOptions(command: Command): Command {
  return command
    .option('--openid-column <name>', 'column with the openids')
    .option(
      '--header-row <n>',
      'row with the names of the columns, or none (default: found by the openids)',
      headerRow,
    )
    .option('--sheet <name>', 'sheet of an XLSX file (default: the first with openids)')
    .option('--visible-only', 'leave out the rows of an XLSX file that are hidden or filtered out')
    .option(
      '--encoding <encoding>',
      `of a text file: ${textEncodings.join(', ')} (default: utf-8 or gb18030, found by the bytes)`,
      encoding,
    )
    .addOption(
      new Option('--format <format>', 'of the file').choices(['csv', 'tsv', 'xlsx', 'ndjson', 'txt']),
    );
}

/** Those of a command's flags that say how its file is read. */
export function fileFlags({
  openidColumn,
  headerRow,
  sheet,
  visibleOnly,
  encoding,
  format,
}: FileFlags): FileFlags {
  return {
    ...(openidColumn === undefined ? {} : { openidColumn }),
    ...(headerRow === undefined ? {} : { headerRow }),
    ...(sheet === undefined ? {} : { sheet }),
    ...(visibleOnly === undefined ? {} : { visibleOnly }),
    ...(encoding === undefined ? {} : { encoding }),
    ...(format === undefined ? {} : { format }),
  };
}

function headerRow(value: string): number | 'none' {
  if (value === 'none') return value;
  if (/^[1-9]\d{0,6}$/.test(value)) return Number(value);
  throw new HongyanError('USAGE', `--header-row takes the number of a row, or none, not "${value}"`);
}

function encoding(value: string): TextEncoding {
  const known = encodingOf(value);
  if (known !== undefined) return known;
  throw new HongyanError('USAGE', `--encoding takes ${textEncodings.join(', ')}, not "${value}"`);
}
