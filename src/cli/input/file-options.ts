import { type Command, Option } from 'commander';
import { encodingOf, type FileOptions, type TextEncoding, textEncodings } from '../../app/audience/open.ts';
import { failure } from '../../base/errors.ts';

/** How a file of people is to be read, as every command that takes one has it. */
export type FileFlags = FileOptions;

export function withFileOptions(command: Command): Command {
  return command
    .option('--openid-column <name>')
    .option('--header-row <n>', '', headerRow)
    .option('--sheet <name>')
    .option('--visible-only')
    .option('--encoding <encoding>', '', encoding)
    .addOption(new Option('--format <format>').choices(['csv', 'tsv', 'xlsx', 'ndjson', 'txt']));
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
  throw failure('USAGE/header-row', { value });
}

function encoding(value: string): TextEncoding {
  const known = encodingOf(value);
  if (known !== undefined) return known;
  throw failure('USAGE/encoding', { names: textEncodings, value });
}
