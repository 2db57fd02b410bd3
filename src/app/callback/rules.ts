import { BlockList, isIP, isIPv6 } from 'node:net';
import { type AddressGuard, createAddressGuard, type Network } from '../../base/address-guard.ts';
import { failure } from '../../base/errors.ts';
import type { Account } from '../../store/accounts/accounts.ts';
import type { NameByEntrance } from '../../texts/catalogue.ts';
import { callbackParts } from '../../texts/parts.ts';

/** What WeChat takes as a text reply. */
const maxReplyBytes = 2048;

const {
  url: urlName,
  forwardTo: forwardToName,
  reply: replyName,
  unsignedFrom: unsignedName,
} = callbackParts;

/** The base address, without a slash at its end. */
export function checkPublicUrl(value: string, account: Pick<Account, 'appid' | 'baseUrl'>): string {
  const url = httpUrl(urlName, value);
  if (url.search !== '' || url.hash !== '' || url.username !== '')
    throw failure('CALLBACK_SETTING_INVALID/urlParts', { name: urlName });
  if (url.port !== '' && account.baseUrl === null)
    throw failure('CALLBACK_SETTING_INVALID/urlPort', { name: urlName });
  return url.href.replace(/\/+$/, '').replace(new RegExp(`/callback/${account.appid}$`), '');
}

/**
 * Where clouds keep the credentials of their machines: link-local addresses, and those of Alibaba Cloud, Oracle, AWS and
 * Google beside them. Private networks are allowed, since the server that had the pushes may well be inside.
 */
const metadata: readonly Network[] = [
  ['169.254.0.0', 16],
  ['100.100.100.200', 32],
  ['192.0.0.192', 32],
  ['fe80::', 10],
  ['fd00:ec2::254', 128],
  ['fd20:ce::254', 128],
];

/** Where pushes may be relayed to; asked at every connection, since a name may lead elsewhere the next time. */
export const forwardGuard: AddressGuard = createAddressGuard({
  refused: metadata,
  exempt: [],
  refusal: (host) => failure('CALLBACK_SETTING_INVALID/forwardAddress', { name: forwardToName, host }),
});

/** Throws `CALLBACK_SETTING_INVALID`; names are looked up when connecting. */
export function checkForwardTo(value: string): string {
  const url = httpUrl(forwardToName, value);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) !== 0 && !forwardGuard.allows(host))
    throw failure('CALLBACK_SETTING_INVALID/forwardAddress', { name: forwardToName, host });
  return url.href;
}

export function checkReply(value: string, account: Pick<Account, 'kind'>): string {
  if (value === 'none' || value === 'transfer') return value;
  const content = /^text:([\s\S]+)$/.exec(value)?.[1];
  if (content === undefined) throw failure('CALLBACK_SETTING_INVALID/reply', { name: replyName });
  if (account.kind === 'miniprogram')
    throw failure('CALLBACK_SETTING_INVALID/replyMiniprogram', { name: replyName });
  const bytes = Buffer.byteLength(content);
  if (bytes > maxReplyBytes)
    throw failure('CALLBACK_SETTING_INVALID/replyLong', { name: replyName, bytes, most: maxReplyBytes });
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
export function checkUnsignedFrom(blocks: readonly string[]): string[] {
  return blocks.map((part) => {
    const block = part.trim();
    const [network = '', prefixText] = block.split('/');
    const longest = isIPv6(network) ? 128 : 32;
    const prefix = prefixText === undefined ? longest : Number(prefixText);
    const isBlock = isIP(network) !== 0 && Number.isInteger(prefix) && prefix >= 0 && prefix <= longest;
    if (!isBlock) throw failure('CALLBACK_SETTING_INVALID/block', { name: unsignedName, block });
    if (!internal.some(([address, bits]) => prefix >= bits && contains(address, bits, network)))
      throw failure('CALLBACK_SETTING_INVALID/blockPublic', { name: unsignedName, block });
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

function httpUrl(name: NameByEntrance, value: string): URL {
  const url = URL.canParse(value) ? new URL(value) : null;
  if (url === null || !['http:', 'https:'].includes(url.protocol))
    throw failure('CALLBACK_SETTING_INVALID/url', { name });
  return url;
}
