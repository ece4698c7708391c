import type { SenderNameStanding } from '../../lib/smsaero/account-lists.ts';
import { remedyOf } from '../reasons.ts';
import { RUN } from '../usage.ts';
import { type Finding, findingsOf } from './finding.ts';

/** Says how a sender name stands with SMS Aero and the operators. @param check what the finding is headed by */
export function senderNameFinding(check: string, standing: SenderNameStanding): Finding {
  const of = findingsOf(check);
  switch (standing.kind) {
    case 'shared':
      return of.pass(
        'shared by all accounts: operators may reject codes under it, and SMS Aero looks at messages by hand until there is a contract',
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
