import { BlockList, isIPv6 } from 'node:net';
import type { CallbackSettings } from '../../store/events/callbacks.ts';

const lists = new WeakMap<CallbackSettings, BlockList>();

/**
 * Whether an unsigned push from this address is taken: WeChat's cloud (云托管) pushes so, from inside its network, with
 * a header x-wx-source (x-wx-sources on one of its pages). By the socket's address alone: headers can say anything.
 */
export function mayBeUnsigned(
  settings: CallbackSettings,
  address: string | undefined,
  headers: Record<string, unknown>,
): boolean {
  if (settings.unsignedFrom.length === 0 || address === undefined) return false;
  if (headers['x-wx-source'] === undefined && headers['x-wx-sources'] === undefined) return false;
  let list = lists.get(settings);
  if (list === undefined) {
    list = new BlockList();
    for (const block of settings.unsignedFrom) {
      const [network = '', prefix = ''] = block.split('/');
      const family = isIPv6(network) ? 'ipv6' : 'ipv4';
      list.addSubnet(network, prefix === '' ? (family === 'ipv6' ? 128 : 32) : Number(prefix), family);
    }
    lists.set(settings, list);
  }
  const plain = address.startsWith('::ffff:') ? address.slice(7) : address;
  return list.check(plain, isIPv6(plain) ? 'ipv6' : 'ipv4');
}
