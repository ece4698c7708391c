import { BlockList, isIPv4, isIPv6 } from 'node:net';
import { plainText } from '../plain-text.ts';

/**
 * Addresses that are nobody's device: loopback, link-local, private, carrier-grade NAT, multicast, reserved (RFC 6890). Behind a proxy that
 * hides the caller a platform reports its address, and to count those would stop everybody's sign-in.
 */
const NOT_PUBLIC = new BlockList();
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 3],
  ['::', 96],
  ['fc00::', 7],
  ['fe80::', 9],
  ['ff00::', 8],
] as const) {
  NOT_PUBLIC.addSubnet(network, prefix, isIPv6(network) ? 'ipv6' : 'ipv4');
}

/** Why there is nothing to count: no address could be read, or only such as are nobody's device. */
export type AddressProblem = 'private' | 'unparseable';

/** What a client address is counted by. */
export interface AddressGroup {
  /** An IPv4 address, or the first groups of an IPv6 address: four of a /64, three of a /48. */
  readonly key: string;
  /** How many times the limit of one address all in this group may have. */
  readonly factor: number;
}

/** The longest element of a list that is read, in UTF-16 units: to normalise tens of thousands of marks would take seconds. */
const MAX_ELEMENT_LENGTH = 200;

/** How many times the limit of a /64 its /48 may have. */
const FACTOR_OF_48 = 4;

/**
 * What a client address is counted by: an IPv4 address itself; of an IPv6 address its /64, which is what one household has, and its /48, which is
 * what one customer of a provider can have, 65,536 networks of that size.
 *
 * It is read as platforms and proxies write it: with a port, a zone, a prefix length, brackets or quotes, as a list (`X-Forwarded-For`) or as
 * `for=` of `Forwarded` (RFC 7239). Of several addresses the first public one is the client; who passes a header on as it came lets the client
 * choose it.
 *
 * @param address as the platform wrote it
 * @returns undefined if none was given; no groups, and why, if it cannot be counted
 */
export function addressGroups(
  address: string | undefined,
): { readonly groups: readonly AddressGroup[]; readonly problem?: AddressProblem } | undefined {
  const elements = (address ?? '').split(/[,\uff0c\s]+/).filter((element) => element !== '');
  let problem: AddressProblem | undefined =
    elements.length === 0 && address?.trim() ? 'unparseable' : undefined;
  for (const element of elements) {
    const text = element.length > MAX_ELEMENT_LENGTH ? 'too long' : plainText(element);
    if (text === '') continue; // nothing but what is invisible
    const groups = groupsOf(bareAddress(text));
    if (groups && groups.length > 0) {
      return { groups };
    }
    problem = groups ? 'private' : (problem ?? 'unparseable');
  }
  return problem && { groups: [], problem };
}

/** One element of a list without what is around the address. */
function bareAddress(element: string): string {
  const node = /(?:^|;)for=([^;]*)/i.exec(element)?.[1] ?? element;
  const text = node.replace(/["']/g, '');
  const inBrackets = /^\[([^\]]*)\](?::\d*)?$/.exec(text)?.[1];
  const address = (inBrackets ?? text).replace(/[%/].*$/, '');
  // What is an address with its last part is one: without brackets a port of IPv6 cannot be told from a group.
  return isIPv4(address) || isIPv6(address) ? address : address.replace(/:\d*$/, '');
}

/** The groups of an address; none of one that is not public, undefined for what is not an address. */
function groupsOf(address: string): AddressGroup[] | undefined {
  if (isIPv4(address)) {
    return NOT_PUBLIC.check(address, 'ipv4') ? [] : [{ key: address, factor: 1 }];
  }
  if (!isIPv6(address)) {
    return undefined;
  }
  const words = wordsOf(address);
  if (IPV4_INSIDE.has(words.slice(0, 6).join(':')) || words.slice(0, 3).join(':') === LOCAL_NAT64) {
    return groupsOf(embedded(words));
  }
  return NOT_PUBLIC.check(address, 'ipv6')
    ? []
    : [
        { key: words.slice(0, 4).join(':'), factor: 1 },
        { key: words.slice(0, 3).join(':'), factor: FACTOR_OF_48 },
      ];
}

/** IPv4 in IPv6: mapped (RFC 4291), translated by SIIT (RFC 2765), and NAT64 (RFC 6052), also in a network's range (RFC 8215, a /48). */
const IPV4_INSIDE = new Set(['0:0:0:0:0:ffff', '0:0:0:0:ffff:0', '64:ff9b:0:0:0:0']);
const LOCAL_NAT64 = '64:ff9b:1';

/** The IPv4 address in the last two words. */
function embedded(words: readonly string[]): string {
  const [high = 0, low = 0] = words.slice(6).map((word) => Number.parseInt(word, 16));
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}

/** The eight words of an IPv6 address, without leading zeros. */
function wordsOf(address: string): string[] {
  const canonical = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [head = '', tail] = canonical.split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail ? tail.split(':') : [];
  const zeros = tail === undefined ? 0 : 8 - before.length - after.length;
  return [...before, ...Array<string>(zeros).fill('0'), ...after];
}
