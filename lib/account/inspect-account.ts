import type { Cache } from '../config/cache.ts';
import type { Configuration } from '../config/configuration.ts';
import { ConfigurationError } from '../config/parameters.ts';
import { describeError } from '../observability/redact.ts';
import { type AccountAnswer, SmsAeroAccount } from '../smsaero/account.ts';
import { SHARED_SENDER_NAMES, standingOf } from '../smsaero/account-lists.ts';
import { type CheckedGate, checkGates } from './check-gates.ts';
import type { AccountReport } from './report.ts';

/** Time for the balance and the sender names, in ms. */
const PATIENCE = 5_000;

/** What {@link createInspectAccount} needs. */
export interface InspectAccountOptions {
  readonly environment: { readonly gates: readonly string[] };
  readonly configuration: Pick<Cache<Configuration>, 'getFresh' | 'renew' | 'ageSeconds'>;
}

/** A report, with the configuration that it was made with. */
export interface Inspection {
  readonly report: AccountReport;
  /** Undefined if there is none. */
  readonly settings?: Configuration | undefined;
}

/**
 * Makes the look at everything outside of the service that it needs: configuration, gates, balance, sender name. It sends nothing.
 *
 * @returns a function that takes the end of its time (ms of the Unix epoch); it never throws
 */
export function createInspectAccount({ environment, configuration }: InspectAccountOptions) {
  async function inspect(end: number): Promise<Inspection> {
    let settings = await configuration.getFresh();
    let gates = await checkGates(environment.gates, settings, end);
    if (gates.some(({ check }) => check.cause === 'unauthorized')) {
      const renewed = await configuration.renew(settings);
      if (renewed !== settings) {
        settings = renewed; // the key was changed a moment ago
        gates = await checkGates(environment.gates, settings, end);
      }
    }
    return {
      settings,
      report: {
        gates: gates.map(({ check }) => check),
        ...(await askAccount(gates, settings, end)),
        configuration: 'ok',
        configurationAge: configuration.ageSeconds ?? 0,
        platforms: Object.keys(settings.platforms).sort(),
      },
    };
  }

  return (end: number): Promise<Inspection> =>
    inspect(end).catch((error: unknown) => ({ report: { gates: [], configuration: problemOf(error) } }));
}

/** Asks for the balance and the sender names at a gate that takes the credentials. */
async function askAccount(
  gates: readonly CheckedGate[],
  settings: Configuration,
  end: number,
): Promise<Pick<AccountReport, 'balance' | 'senderName' | 'problems'>> {
  const usable = gates.filter(({ check }) => check.ok).map(({ url }) => url);
  if (usable.length === 0) {
    const cause = gates.find(({ check }) => check.reached)?.check.cause ?? 'unavailable';
    return { problems: { balance: cause, senderName: cause } };
  }
  const account = new SmsAeroAccount({ gates: usable });
  const deadline = Math.min(Date.now() + PATIENCE, end);
  const { senderName: name } = settings;
  const [balance, names] = await Promise.all([
    account.balance(settings, deadline),
    SHARED_SENDER_NAMES.includes(name) ? undefined : account.senderNames(settings, deadline),
  ]);
  account.close();
  const problems = {
    ...(balance.status === 'known' ? {} : { balance: causeOf(balance) }),
    ...(names === undefined || names.status === 'known' ? {} : { senderName: causeOf(names) }),
  };
  return {
    ...(balance.status === 'known' ? { balance: balance.value } : {}),
    ...(names === undefined ? { senderName: { name, ...standingOf(name, []) } } : {}),
    ...(names?.status === 'known' ? { senderName: { name, ...standingOf(name, names.value) } } : {}),
    ...(Object.keys(problems).length > 0 ? { problems } : {}),
  };
}

function causeOf(answer: Exclude<AccountAnswer<unknown>, { status: 'known' }>): string {
  return answer.status === 'refused' ? answer.reason : answer.cause;
}

function problemOf(error: unknown): string {
  return error instanceof ConfigurationError
    ? `${error.code}: ${error.message}`
    : `internal_error: ${describeError(error).message}`;
}
