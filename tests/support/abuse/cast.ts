import { between, chance } from '../random.ts';

/** One request in a scene of abuse. */
export interface Visit {
  /** When it comes, in ms after the beginning. */
  readonly at: number;
  readonly number: string;
  readonly code: string;
  readonly ip: string;
}

/** What a scene is made of. */
export interface Scene {
  readonly seed: number;
  readonly attacker: keyof typeof ATTACKERS;
  /** Requests of the attacker. */
  readonly attack: number;
  /** How many of them are under way at the same time. */
  readonly inParallel: number;
  /** Ordinary people who sign in. */
  readonly people: number;
  /** How long it lasts, in ms. */
  readonly duration: number;
  /** Whether a third of the people ask for another code after 31 to 40 s; the scene must be longer than that. */
  readonly resends: boolean;
}

/** The first of the attacker's 1,000 neighbouring numbers: 500 lie in one block of 1,000 and 500 in the next. */
const FIRST = 79_031_234_500;
const NUMBERS = 1_000;
const ADDRESSES = 50;

/** The longest wait before another code is asked for, in ms. */
const LONGEST_WAIT = 40_000;

/** Operators' prefixes of ordinary people. No attacker uses them, so that each message is known to be one's or the other's. */
const PEOPLE = ['909', '916', '926', '968'];
/** Ranges that a botnet sends to: 32 of the 98 that Russia's mobile numbers have. */
const BOTNET = ['90', '91', '92', '98'].flatMap((two) =>
  Array.from('012345678', (digit) => two + digit).filter((range) => !PEOPLE.includes(range)),
);

/** Rolls a number from 0 to 1, by what it is for. */
type Roll = (what: string) => number;

/** Attackers, by where their messages go to and come from. The numbers pay them for each message. */
const ATTACKERS = {
  /** 1,000 neighbouring numbers and 50 addresses, ten of which are networks (IPv6 /64) in which each request has an address of its own. */
  neighbours: (roll: Roll, index: number) => {
    const address = between(roll('address'), 0, ADDRESSES - 1);
    return {
      number: String(FIRST + between(roll('number'), 0, NUMBERS - 1)),
      ip: address < 40 ? `203.0.113.${address + 1}` : `2001:db8:0:${address}::${(index + 1).toString(16)}`,
    };
  },
  /** Scattered numbers of one range, and an address for each request. */
  range: (_: Roll, index: number) => ({ number: `7903${scattered(index)}`, ip: ownAddress(index) }),
  /** Scattered numbers of 32 ranges, and an address for each request. */
  botnet: (roll: Roll, index: number) => ({
    number: `7${BOTNET[between(roll('range'), 0, BOTNET.length - 1)]}${scattered(index)}`,
    ip: ownAddress(index),
  }),
} as const;

/** Whether a number, or the visible beginning of one, is the attacker's. */
export function isAttacked(number: string): boolean {
  return !PEOPLE.some((range) => number.startsWith(`7${range}`));
}

/** The attacker's requests: a new code each time, evenly over the scene. */
export function attackerOf({ seed, attacker, attack, duration }: Scene): Visit[] {
  return Array.from({ length: attack }, (_, index) => {
    const roll = (what: string) => chance(seed, 'attack', index, what);
    const at = (duration * index) / attack;
    return { at, code: codeOf(roll('code')), ...ATTACKERS[attacker](roll, index) };
  });
}

/** Ordinary people: seven in ten have an address of their own, two share one with four others, of one the platform tells nothing. */
export function peopleOf({ seed, people, duration, resends }: Scene): Visit[] {
  const latest = resends ? duration - LONGEST_WAIT : duration;
  return Array.from({ length: people }, (_, index) => {
    const roll = (what: string) => chance(seed, 'person', index, what);
    const first: Visit = {
      at: roll('at') * latest,
      // The four last digits are the person's own, so no two have a number.
      number: `7${PEOPLE[index % PEOPLE.length]}${pad(between(roll('number'), 0, 999), 3)}${pad(index, 4)}`,
      code: codeOf(roll('code')),
      ip: addressOf(index),
    };
    const again = resends && roll('resends') < 1 / 3;
    const wait = 31_000 + roll('wait') * (LONGEST_WAIT - 31_000);
    return again ? [first, { ...first, at: first.at + wait, code: codeOf(roll('next code')) }] : [first];
  }).flat();
}

function addressOf(person: number): string {
  const group = Math.floor(person / 10);
  if (person % 10 < 7)
    return `198.51.${100 + (group % 100)}.${(Math.floor(group / 100) * 10 + (person % 10) + 1) % 256}`;
  return person % 10 < 9 ? `192.0.2.${(Math.floor(group / 2.5) % 255) + 1}` : '10.0.0.5';
}

/** An IPv4 address that no other request has: 45.0.0.0/8 is public. */
const ownAddress = (index: number) => `45.${(index >> 16) & 255}.${(index >> 8) & 255}.${index & 255}`;
/** The last seven digits of a number: no two are equal, and few lie in one block of 1,000. */
const scattered = (index: number) => pad((index * 7_654_321) % 1e7, 7);
const codeOf = (roll: number) => String(between(roll, 100_000, 999_999));
const pad = (value: number, width: number) => String(value).padStart(width, '0');
