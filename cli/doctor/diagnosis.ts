import { askAccount, checkGates } from '../../lib/account/inspect-account.ts';
import type { Configuration } from '../../lib/config/configuration.ts';
import { asNumber, asObject, type Fields } from '../../lib/json.ts';
import type { SenderNameStanding } from '../../lib/smsaero/account-lists.ts';
import { isReason, meaningOf, remedyOf } from '../explain.ts';
import { roubles } from '../format.ts';
import { RUN } from '../usage.ts';
import { type Finding, findingsOf } from './finding.ts';

/** Time for all answers, in ms. */
const ANSWER_TIMEOUT_MS = 10_000;

/** Looks at every gate by itself, then at the account through those that work. */
export async function examineGateway(
  configuration: Configuration,
  urls: readonly string[],
  low: number,
): Promise<Finding[]> {
  const end = Date.now() + ANSWER_TIMEOUT_MS;
  const gates = await checkGates(urls, configuration, end);
  const account = await askAccount(gates, configuration, end);
  return readAccount({ gates: gates.map(({ check }) => check), ...account }, low);
}

/**
 * Reads what the monitor says: `AccountReport` of lib/account/inspect-account.ts, of this version or another.
 *
 * @param low roubles below which to warn of the balance
 */
export function readDiagnosis(answer: Fields, low: number): Finding[] {
  const { configuration } = answer;
  const settings = findingsOf('from Lambda: configuration');
  return [
    configuration === 'ok'
      ? settings.pass('read and valid')
      : settings.fail(
          String(configuration ?? 'account-monitor did not report it'),
          `${RUN} config push, and the role of the function`,
        ),
    ...readAccount(answer, low, 'from Lambda: '),
  ];
}

/** @param prefix what stands before the name of each check */
function readAccount(report: Fields, low: number, prefix = ''): Finding[] {
  const balance = asNumber(report['balance']);
  const names: [where: string, named: unknown][] = [
    ['', report['senderName']],
    ...Object.entries(asObject(report['senderNames']) ?? {}).map(([country, named]): [string, unknown] => [
      ` for ${country}`,
      named,
    ]),
  ];
  return [
    ...gateFindings(objectsOf(report['gates']), prefix),
    ...(balance === undefined ? [] : [balanceFinding(`${prefix}balance`, balance, low)]),
    ...names.flatMap(([where, named]) => {
      const fields = asObject(named) ?? {};
      const standing = standingOf(fields);
      const name = typeof fields['name'] === 'string' ? ` ${fields['name']}` : '';
      return standing ? [senderNameFinding(`${prefix}sender name${name}${where}`, standing)] : [];
    }),
    ...Object.entries(asObject(report['problems']) ?? {}).map(([question, cause]) => {
      const of = findingsOf(`${prefix}${question === 'senderName' ? 'sender name' : question}`);
      return of.warn(`no answer from SMS Aero (${String(cause)})`, todoOf(cause, 'see the gates'));
    }),
  ];
}

function gateFindings(gates: readonly Fields[], prefix: string): Finding[] {
  const working = gates.some((gate) => gate['ok'] === true);
  return gates.map((gate): Finding => {
    const host = String(gate['gate']).replace(/^https?:\/\/|\/v2$/g, '');
    const of = findingsOf(`${prefix}gate ${host}`);
    const ms = asNumber(gate['ms']);
    if (gate['ok'] === true) {
      return of.pass(`accepts the credentials${ms === undefined ? '' : `, ${Math.round(ms)} ms`}`);
    }
    const { cause } = gate;
    const detail = `does not work (${String(cause ?? 'no cause')}${isReason(cause) ? `: ${meaningOf(cause)}` : ''})`;
    // Not if SMS Aero refuses there: a message that reaches this gate first goes to no other.
    return working && !isReason(cause)
      ? of.warn(`${detail}; another gate does`, 'nothing, while others work')
      : of.fail(detail, todoOf(cause, remedyOf('unavailable')));
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

/** Says what a balance is worth. @param low roubles below which to warn */
function balanceFinding(check: string, value: number, low: number): Finding {
  const of = findingsOf(check);
  if (value <= 0) return of.fail(roubles(value), remedyOf('no_money'));
  return value < low
    ? of.warn(`${roubles(value)}, below ${low}`, remedyOf('no_money'))
    : of.pass(roubles(value));
}

/** Says how a sender name stands with SMS Aero and the operators. @param check what the finding is headed by */
function senderNameFinding(check: string, standing: SenderNameStanding): Finding {
  const of = findingsOf(check);
  if (standing.kind === 'shared') {
    return of.warn(
      'shared by all accounts: operators may reject codes under it, and SMS Aero looks at messages by hand until there is a contract',
      `register a sender name for your service in the cabinet, and sign a contract; then ${RUN} config push`,
    );
  }
  if (standing.kind === 'absent') {
    return of.fail(
      'not one of the names of the account: every message is refused',
      `${remedyOf('bad_sender_name')}: ${RUN} config push`,
    );
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
