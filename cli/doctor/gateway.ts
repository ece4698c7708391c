import { askAccount, type CheckedGate, checkGates } from '../../lib/account/inspect-account.ts';
import type { Configuration } from '../../lib/config/configuration.ts';
import { isReason, meaningOf, remedyOf } from '../explain.ts';
import { balanceFinding, type Finding, findingsOf, senderNameFinding } from './finding.ts';

/** Time for all answers, in ms. */
const ANSWER_TIMEOUT_MS = 10_000;

/** Looks at every gate by itself, then at the account through the first that works. */
export async function examineGateway(
  configuration: Configuration,
  urls: readonly string[],
  lowBalance: number,
): Promise<Finding[]> {
  const end = Date.now() + ANSWER_TIMEOUT_MS;
  const gates = await checkGates(urls, configuration, end);
  const works = gates.some(({ check }) => check.ok);
  const findings = gates.map((gate) => gateFinding(gate, works));
  if (!works) {
    return [...findings, findingsOf('account').skip('no gate works')];
  }
  const { balance, senderName, senderNames = {}, problems } = await askAccount(gates, configuration, end);
  const nameCheck = `sender name ${configuration.senderName}`;
  return [
    ...findings,
    balance === undefined
      ? notSaid('balance', problems?.balance)
      : balanceFinding('balance', balance, lowBalance),
    senderName === undefined
      ? notSaid(nameCheck, problems?.senderName)
      : senderNameFinding(nameCheck, senderName),
    ...Object.entries(senderNames).map(([country, standing]) =>
      senderNameFinding(`sender name ${standing.name} for ${country}`, standing),
    ),
  ];
}

function gateFinding({ check: { gate, ok, ms, cause } }: CheckedGate, anotherWorks: boolean): Finding {
  const of = findingsOf(`gate ${gate}`);
  if (ok) return of.pass(`accepts the credentials, ${Math.round(ms)} ms from here`);
  if (isReason(cause)) return of.fail(meaningOf(cause), remedyOf(cause));
  return anotherWorks
    ? of.warn(`no answer from here (${cause}); another gate works`, 'nothing, while others work')
    : of.fail(`no answer from here (${cause})`, remedyOf('unavailable'));
}

function notSaid(check: string, cause: string | undefined): Finding {
  const detail = isReason(cause) ? meaningOf(cause) : `no answer from SMS Aero (${cause})`;
  return findingsOf(check).warn(detail, 'look into the cabinet');
}
