import { BlockList, isIP, isIPv6 } from 'node:net';
import { HongyanError } from '../../base/errors.ts';
import type { Account } from '../../store/accounts/accounts.ts';

/** What WeChat takes as a text reply. */
const maxReplyBytes = 2048;

/** The base address, without a slash at its end. */
export function checkPublicUrl(value: string, account: Account): string {
  const url = httpUrl('--url', value);
  if (url.search !== '' || url.hash !== '' || url.username !== '')
    throw new HongyanError('USAGE', '--url takes an address without user, query and fragment');
  if (url.port !== '' && account.baseUrl === null)
    throw new HongyanError(
      'USAGE',
      'WeChat calls http on port 80 and https on port 443 only; leave the port out of --url and put a reverse proxy there',
    );
  return url.href.replace(/\/+$/, '').replace(new RegExp(`/callback/${account.appid}$`), '');
}

export function checkForwardTo(value: string): string | null {
  return value === 'none' ? null : httpUrl('--forward-to', value).href;
}

export function checkReply(value: string, account: Account): string {
  if (value === 'none' || value === 'transfer') return value;
  const content = /^text:([\s\S]+)$/.exec(value)?.[1];
  if (content === undefined)
    throw new HongyanError('USAGE', '--reply takes none, transfer or text:TEXT, e.g. --reply "text:谢谢"');
  if (account.kind === 'miniprogram')
    throw new HongyanError(
      'USAGE',
      'a Mini Program cannot answer a message with text at the callback; use --reply transfer, or send a kf message',
    );
  const bytes = Buffer.byteLength(content);
  if (bytes > maxReplyBytes)
    throw new HongyanError(
      'USAGE',
      `the text of --reply has ${bytes} bytes, and WeChat takes ${maxReplyBytes}`,
    );
  return value;
}

const internal: [string, number][] = [
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['fc00::', 7],
  ['fe80::', 10],
  ['::1', 128],
];

/** CIDR blocks that lie in address ranges that the internet does not route. */
export function checkUnsignedFrom(value: string): string[] {
  if (value === 'none') return [];
  return value.split(',').map((part) => {
    const block = part.trim();
    const [network = '', prefixText] = block.split('/');
    const longest = isIPv6(network) ? 128 : 32;
    const prefix = prefixText === undefined ? longest : Number(prefixText);
    const isBlock = isIP(network) !== 0 && Number.isInteger(prefix) && prefix >= 0 && prefix <= longest;
    if (!isBlock)
      throw new HongyanError('USAGE', `--unsigned-from takes CIDR blocks such as 10.0.0.0/8, not "${block}"`);
    if (!internal.some(([address, bits]) => prefix >= bits && contains(address, bits, network)))
      throw new HongyanError(
        'USAGE',
        `--unsigned-from ${block} reaches beyond internal addresses; anybody there could invent events`,
      );
    return `${network}/${prefix}`;
  });
}

function contains(address: string, bits: number, network: string): boolean {
  if (isIPv6(address) !== isIPv6(network)) return false;
  const family = isIPv6(address) ? 'ipv6' : 'ipv4';
  const list = new BlockList();
  list.addSubnet(address, bits, family);
  return list.check(network, family);
}

function httpUrl(option: string, value: string): URL {
  const url = URL.canParse(value) ? new URL(value) : null;
  if (url === null || !['http:', 'https:'].includes(url.protocol))
    throw new HongyanError('USAGE', `${option} takes an http or https URL`);
  return url;
}
