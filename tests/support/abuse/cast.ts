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
  /** Requests of the attacker. */
  readonly attack: number;
  /** How many of them are under way at the same time. Default: 64. */
  readonly attackers?: number;
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

/** Whether a number is one of the attacker's. */
export function isAttacked(number: string): boolean {
  return Number(number) >= FIRST && Number(number) < FIRST + NUMBERS;
}

/**
 * The attacker: numbers that pay the attacker for each message, a new code each time, 50 addresses, evenly over the scene. Ten
 * of the addresses are networks (IPv6 /64) in which each request has an address of its own.
 */
export function attackerOf({ seed, attack, duration }: Scene): Visit[] {
  return Array.from({ length: attack }, (_, index) => {
    const roll = (what: string) => chance(seed, 'attack', index, what);
    const address = between(roll('address'), 0, ADDRESSES - 1);
    return {
      at: (duration * index) / attack,
      number: String(FIRST + between(roll('number'), 0, NUMBERS - 1)),
      code: codeOf(roll('code')),
      ip: address < 40 ? `203.0.113.${address + 1}` : `2001:db8:0:${address}::${(index + 1).toString(16)}`,
    };
  });
}

/** Ordinary people: seven in ten have an address of their own, two share one with four others, of one the platform tells nothing. */
export function peopleOf({ seed, people, duration, resends }: Scene): Visit[] {
  const latest = resends ? duration - LONGEST_WAIT : duration;
  return Array.from({ length: people }, (_, index) => {
    const roll = (what: string) => chance(seed, 'person', index, what);
    const first: Visit = {
      at: roll('at') * latest,
      // Four operators' prefixes; the four last digits are the person's own, so no two have a number.
      number: `79${['09', '16', '26', '68'][index % 4]}${pad(between(roll('number'), 0, 999), 3)}${pad(index, 4)}`,
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

const codeOf = (roll: number) => String(between(roll, 100_000, 999_999));
const pad = (value: number, width: number) => String(value).padStart(width, '0');
