import type { Configuration } from '../../lib/config/configuration.ts';
import { type AccountAnswer, SmsAeroAccount } from '../../lib/smsaero/account.ts';
import { type SenderName, standingOf } from '../../lib/smsaero/account-lists.ts';
import { RUN } from '../command.ts';
import { roubles } from '../format.ts';
import { meaningOf, remedyOf } from '../reasons.ts';
import { type Finding, findingsOf } from './finding.ts';

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
  return [...findings, balanceFinding(balance, lowBalance), senderFinding(configuration.senderName, names)];
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

function balanceFinding(answer: AccountAnswer<number>, low: number): Finding {
  const of = findingsOf('balance');
  if (answer.status !== 'known') {
    return of.warn(whyNot(answer), 'look into the cabinet');
  }
  const { value } = answer;
  if (value <= 0) return of.fail(roubles(value), remedyOf('no_money'));
  return value < low
    ? of.warn(`${roubles(value)}, below ${low}`, remedyOf('no_money'))
    : of.pass(roubles(value));
}

function senderFinding(senderName: string, answer: AccountAnswer<readonly SenderName[]>): Finding {
  const of = findingsOf(`sender name ${senderName}`);
  const standing = standingOf(senderName, answer.status === 'known' ? answer.value : []);
  if (standing.kind === 'shared') {
    return of.pass(
      'shared by all accounts: operators may reject codes under it, and SMS Aero looks at messages by hand until there is a contract',
    );
  }
  if (answer.status !== 'known') {
    return of.warn(whyNot(answer), 'look into the cabinet');
  }
  if (standing.kind === 'absent') {
    const todo = `${remedyOf('bad_sender_name')}: ${RUN} config push`;
    return of.fail('not among the names of the account, so that every message is refused', todo);
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

function whyNot(answer: Exclude<AccountAnswer<unknown>, { status: 'known' }>): string {
  return answer.status === 'refused' ? meaningOf(answer.reason) : `SMS Aero did not say (${answer.cause})`;
}
