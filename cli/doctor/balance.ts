import { roubles } from '../format.ts';
import { remedyOf } from '../reasons.ts';
import { type Finding, findingsOf } from './finding.ts';

/** Says what a balance is worth. @param low roubles below which to warn */
export function balanceFinding(check: string, value: number, low: number): Finding {
  const of = findingsOf(check);
  if (value <= 0) return of.fail(roubles(value), remedyOf('no_money'));
  return value < low
    ? of.warn(`${roubles(value)}, below ${low}`, remedyOf('no_money'))
    : of.pass(roubles(value));
}
