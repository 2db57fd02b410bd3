import { type Fault, fault, shortened } from './record.ts';

/**
 * Whether a value has the shape that every openid has today: 28 characters, `o` first. Decides headers and columns.
 * A unionid has the same shape.
 */
export function looksLikeOpenid(value: string): boolean {
  return /^o[\w-]{27}$/.test(value.trim());
}

/**
 * The fault of a cell that cannot be an openid. The alphabet is strict; the length is not (20 to 64), because WeChat
 * documents no length and a list must stay sendable if it grows. A well-formed openid that WeChat does not know is
 * answered with 40003.
 */
export function openidFault(openid: string): Fault | undefined {
  if (openid === '') return fault('openid-missing', {});
  if (/^[\w-]{20,64}$/.test(openid)) return undefined;
  return fault('openid-malformed', { value: shortened(openid) });
}

const certainNames = [
  'openid',
  'touser',
  'wxopenid',
  'useropenid',
  'wechatopenid',
  '用户openid',
  '微信openid',
];
// "用户" as often heads a column of names, so it counts only where no column of values looks like openids.
const possibleNames = ['用户', '接收人', '接收者', 'user', 'to'];

function normalize(name: string): string {
  return name.toLowerCase().replace(/[\s_-]/g, '');
}

/** How surely a column's name says that it holds openids: lower is surer, undefined is not at all. */
export function openidNameRank(name: string): number | undefined {
  const normal = normalize(name);
  const certain = certainNames.indexOf(normal);
  if (certain >= 0) return certain;
  const possible = possibleNames.indexOf(normal);
  return possible >= 0 ? certainNames.length + possible : undefined;
}

/** Whether a name of that rank decides by itself, whatever the values look like. */
export function isCertainRank(rank: number | undefined): rank is number {
  return rank !== undefined && rank < certainNames.length;
}

/** Whether the column holds unionids, which look like openids and are none. */
export function isUnionidName(name: string): boolean {
  return normalize(name).includes('unionid');
}
