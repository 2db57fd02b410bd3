import type { LineBlock } from './lines.ts';
import { looksLikeOpenid, openidNameRank } from './openid.ts';
import type { RawRecord } from './record.ts';

const separators = /[\s,;|，；、]+/;

function tokens(line: string): string[] {
  return line
    .split(separators)
    .map((token) => token.replace(/^["']|["']$/g, ''))
    .filter((token) => token !== '');
}

/** Whether the lines hold nothing but openids, under at most one name. */
export function isOpenidList(lines: readonly string[]): boolean {
  const all = lines.flatMap(tokens);
  if (openidNameRank(all[0] ?? '') !== undefined) all.shift();
  return all.length > 0 && all.every(looksLikeOpenid);
}

/** The openids of plain text, separated by line ends, white space, commas, semicolons or "|". */
export function parsePlainText(block: LineBlock): RawRecord[] {
  return block.lines.flatMap((text, index): RawRecord[] => {
    const line = block.first + index;
    const fault = block.faults?.get(index);
    if (fault !== undefined) return [{ line, cells: [], faults: [fault] }];
    return tokens(text).map((token) => ({ line, cells: [token] }));
  });
}
