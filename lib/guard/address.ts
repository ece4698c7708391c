import { BlockList, isIPv4, isIPv6 } from 'node:net';

/**
 * Addresses that are nobody's device: loopback, link-local, private, carrier-grade NAT (RFC 6890). Behind a proxy that hides
 * the caller a platform reports its own, and to count those would stop everybody's sign-in.
 */
const NOT_PUBLIC = new BlockList();
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
] as const) {
  NOT_PUBLIC.addSubnet(network, prefix, 'ipv4');
}
for (const [network, prefix] of [
  ['::', 127],
  ['fc00::', 7],
  ['fe80::', 10],
] as const) {
  NOT_PUBLIC.addSubnet(network, prefix, 'ipv6');
}

/**
 * What a client address is counted by: an IPv4 address itself, of an IPv6 address its /64, which is what one household has.
 *
 * @param address as the platform wrote it
 * @returns undefined for what is no public address
 */
export function addressGroup(address: string | undefined): string | undefined {
  const text = (address ?? '').trim().replace(/%.*$/, '');
  if (isIPv6(text)) {
    const groups = groupsOf(text);
    const prefix = groups.slice(0, 6).join(':');
    if (IPV4_INSIDE.has(prefix)) {
      return addressGroup(embedded(groups));
    }
    return NOT_PUBLIC.check(text, 'ipv6') ? undefined : groups.slice(0, 4).join(':');
  }
  return isIPv4(text) && !NOT_PUBLIC.check(text, 'ipv4') ? text : undefined;
}

/** IPv4 in IPv6: mapped (RFC 4291) and NAT64 (RFC 6052). */
const IPV4_INSIDE = new Set(['0:0:0:0:0:ffff', '64:ff9b:0:0:0:0']);

/** The IPv4 address in the last two groups. */
function embedded(groups: readonly string[]): string {
  const [high = 0, low = 0] = groups.slice(6).map((group) => Number.parseInt(group, 16));
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}

/** The eight groups of an IPv6 address, without leading zeros. */
function groupsOf(address: string): string[] {
  const canonical = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [head = '', tail] = canonical.split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail ? tail.split(':') : [];
  const zeros = tail === undefined ? 0 : 8 - before.length - after.length;
  return [...before, ...Array<string>(zeros).fill('0'), ...after];
}
