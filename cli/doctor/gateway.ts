import type { Configuration } from '../../lib/config/configuration.ts';
import { type AccountAnswer, SmsAeroAccount } from '../../lib/smsaero/account.ts';
import { type SenderName, standingOf } from '../../lib/smsaero/account-lists.ts';
import { meaningOf, remedyOf } from '../reasons.ts';
import { balanceFinding } from './balance.ts';
import { type Finding, findingsOf } from './finding.ts';
import { senderNameFinding } from './sender-name.ts';

/** Time for an answer, in ms. */
const PATIENCE = 5_000;

/** Looks at every gate by itself, then at the account through the first that works. */
export async function examineGateway(
  configuration: Configuration,
  gates: readonly string[],
  lowBalance: number,
): Promise<Finding[]> {
  const asked = await Promise.all(gates.map((gate) => askGate(configuration, gate)));
  const working = asked.filter(({ answer }) => answer.status === 'known').map(({ gate }) => gate);
  const findings = asked.map((gate) => gateFinding(gate, working.length > 0));
  if (working.length === 0) {
    return [...findings, findingsOf('account').skip('no gate works')];
  }
  const account = new SmsAeroAccount({ gates: working });
  const deadline = Date.now() + PATIENCE;
  const [balance, names] = await Promise.all([
    account.balance(configuration, deadline),
    account.senderNames(configuration, deadline),
  ]);
  account.close();
  return [...findings, balanceOf(balance, lowBalance), senderOf(configuration.senderName, names)];
}

interface AskedGate {
  readonly gate: string;
  readonly answer: AccountAnswer<true>;
  readonly ms: number;
}

async function askGate(configuration: Configuration, gate: string): Promise<AskedGate> {
  const account = new SmsAeroAccount({ gates: [gate] });
  const begun = performance.now();
  const answer = await account.auth(configuration, Date.now() + PATIENCE);
  account.close();
  return { gate, answer, ms: Math.round(performance.now() - begun) };
}

function gateFinding({ gate, answer, ms }: AskedGate, anotherWorks: boolean): Finding {
  const of = findingsOf(`gate ${new URL(gate).host}`);
  switch (answer.status) {
    case 'known':
      return of.pass(`takes the credentials, ${ms} ms from here`);
    case 'refused':
      return of.fail(meaningOf(answer.reason), remedyOf(answer.reason));
    case 'unavailable':
      return anotherWorks
        ? of.warn(`no answer from here (${answer.cause}); another gate works`, 'nothing, while others work')
        : of.fail(`no answer from here (${answer.cause})`, remedyOf('unavailable'));
  }
}

function balanceOf(answer: AccountAnswer<number>, low: number): Finding {
  return answer.status === 'known'
    ? balanceFinding('balance', answer.value, low)
    : findingsOf('balance').warn(whyNot(answer), 'look into the cabinet');
}

function senderOf(senderName: string, answer: AccountAnswer<readonly SenderName[]>): Finding {
  const check = `sender name ${senderName}`;
  const standing = standingOf(senderName, answer.status === 'known' ? answer.value : []);
  return standing.kind === 'shared' || answer.status === 'known'
    ? senderNameFinding(check, standing)
    : findingsOf(check).warn(whyNot(answer), 'look into the cabinet');
}

function whyNot(answer: Exclude<AccountAnswer<unknown>, { status: 'known' }>): string {
  return answer.status === 'refused' ? meaningOf(answer.reason) : `SMS Aero did not say (${answer.cause})`;
}
