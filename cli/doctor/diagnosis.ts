import { asNumber, asObject, type Fields } from '../../lib/json.ts';
import type { SenderNameStanding } from '../../lib/smsaero/account-lists.ts';
import { isReason, meaningOf, remedyOf } from '../explain.ts';
import { RUN } from '../usage.ts';
import { balanceFinding, type Finding, findingsOf, senderNameFinding } from './finding.ts';

/**
 * Reads what the monitor says: `AccountReport` of lib/account/inspect-account.ts, of this version or another.
 *
 * @param low roubles below which to warn of the balance
 */
export function readDiagnosis(answer: Fields, low: number): Finding[] {
  const { configuration } = answer;
  const settings = findingsOf('from Lambda: configuration');
  const amount = asNumber(answer['balance']);
  const standing = standingOf(asObject(answer['senderName']) ?? {});
  return [
    configuration === 'ok'
      ? settings.pass('read and valid')
      : settings.fail(
          String(configuration ?? 'account-monitor did not report it'),
          `${RUN} config push, and the role of the function`,
        ),
    ...gateFindings(objectsOf(answer['gates'])),
    ...(amount === undefined ? [] : [balanceFinding('from Lambda: balance', amount, low)]),
    ...(standing ? [senderNameFinding('from Lambda: sender name', standing)] : []),
    ...Object.entries(asObject(answer['senderNames']) ?? {}).flatMap(([country, named]) => {
      const known = standingOf(asObject(named) ?? {});
      return known ? [senderNameFinding(`from Lambda: sender name for ${country}`, known)] : [];
    }),
    ...Object.entries(asObject(answer['problems']) ?? {}).map(([question, cause]) => {
      const of = findingsOf(`from Lambda: ${question === 'senderName' ? 'sender name' : question}`);
      return of.warn(`no answer from SMS Aero (${String(cause)})`, todoOf(cause, 'see the gates'));
    }),
  ];
}

function gateFindings(gates: readonly Fields[]): Finding[] {
  const working = gates.some((gate) => gate['ok'] === true);
  return gates.map((gate): Finding => {
    const host = String(gate['gate']).replace(/^https?:\/\/|\/v2$/g, '');
    const of = findingsOf(`from Lambda: gate ${host}`);
    const ms = asNumber(gate['ms']);
    if (gate['ok'] === true) {
      return of.pass(`accepts the credentials${ms === undefined ? '' : `, ${Math.round(ms)} ms`}`);
    }
    const { cause } = gate;
    const detail = `does not work (${String(cause ?? 'no cause')}${isReason(cause) ? `: ${meaningOf(cause)}` : ''})`;
    return working
      ? of.warn(`${detail}; another gate does`, 'nothing, while others work')
      : of.fail(detail, todoOf(cause, 'check the parameter gates of the deployment, and SMS Aero'));
  });
}

/** A reason of SMS Aero has one remedy, from wherever it was asked. */
const todoOf = (cause: unknown, otherwise: string) => (isReason(cause) ? remedyOf(cause) : otherwise);

/** How the sender name stands; an older version said no more than who approves. */
function standingOf({ kind, approved, pending, accepted }: Fields): SenderNameStanding | undefined {
  if (kind === 'shared' || kind === 'absent') return { kind };
  if (!Array.isArray(approved) || (kind === undefined && approved.length === 0)) return undefined;
  return {
    kind: 'own',
    approved: approved.map(String),
    pending: objectsOf(pending).map(({ operator, state }) => ({
      operator: String(operator),
      approved: false,
      state: String(state),
    })),
    accepted: accepted !== false,
  };
}

function objectsOf(list: unknown): Fields[] {
  return (Array.isArray(list) ? list : []).flatMap((entry: unknown): Fields[] => {
    const fields = asObject(entry);
    return fields ? [fields] : [];
  });
}
