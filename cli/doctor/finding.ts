import type { SenderNameStanding } from '../../lib/smsaero/account-lists.ts';
import { remedyOf } from '../explain.ts';
import { roubles } from '../format.ts';
import { RUN } from '../usage.ts';

/** One line of the doctor's list. */
export interface Finding {
  /** What was looked at: `gate gate.smsaero.org`. */
  readonly check: string;
  /** `skip`: it could not be looked at, which is not a fault of the stage. */
  readonly status: 'pass' | 'warn' | 'fail' | 'skip';
  /** What was found: a phrase, without secrets. */
  readonly detail: string;
  /** What to do, for `warn` and `fail`. */
  readonly todo?: string | undefined;
}

/** Makes findings of one check. */
export function findingsOf(check: string) {
  return {
    pass: (detail: string): Finding => ({ check, status: 'pass', detail }),
    skip: (detail: string): Finding => ({ check, status: 'skip', detail }),
    warn: (detail: string, todo: string): Finding => ({ check, status: 'warn', detail, todo }),
    fail: (detail: string, todo: string): Finding => ({ check, status: 'fail', detail, todo }),
  };
}

/** Says what a balance is worth. @param low roubles below which to warn */
export function balanceFinding(check: string, value: number, low: number): Finding {
  const of = findingsOf(check);
  if (value <= 0) return of.fail(roubles(value), remedyOf('no_money'));
  return value < low
    ? of.warn(`${roubles(value)}, below ${low}`, remedyOf('no_money'))
    : of.pass(roubles(value));
}

/** Says how a sender name stands with SMS Aero and the operators. @param check what the finding is headed by */
export function senderNameFinding(check: string, standing: SenderNameStanding): Finding {
  const of = findingsOf(check);
  switch (standing.kind) {
    case 'shared':
      return of.warn(
        'shared by all accounts: operators may reject codes under it, and SMS Aero looks at messages by hand until there is a contract',
        `register a sender name for your service in the cabinet, and sign a contract; then ${RUN} config push`,
      );
    case 'absent':
      return of.fail(
        'not among the names of the account, so that every message is refused',
        `${remedyOf('bad_sender_name')}: ${RUN} config push`,
      );
    case 'own':
      break;
  }
  const { approved, pending, accepted } = standing;
  if (pending.length === 0 && accepted) {
    return of.pass(approved.length > 0 ? `approved for ${approved.join(', ')}` : 'approved');
  }
  const states = pending.map(({ operator, state }) => `${operator} (${state})`).join(', ');
  return approved.length === 0
    ? of.fail(`approved for no operator${states && `: ${states}`}`, remedyOf('bad_sender_name'))
    : of.warn(
        `approved for ${approved.join(', ')}; not for ${states || 'others'}`,
        'ask SMS Aero for the others',
      );
}
