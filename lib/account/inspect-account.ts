import type { Cache } from '../config/cache.ts';
import type { Configuration } from '../config/configuration.ts';
import { ConfigurationError } from '../config/parameters.ts';
import { describeError } from '../observability/redact.ts';
import { type AccountAnswer, SmsAeroAccount } from '../smsaero/account.ts';
import {
  type SenderName,
  type SenderNameStanding,
  SHARED_SENDER_NAMES,
  standingIn,
  standingOf,
} from '../smsaero/account-lists.ts';
import type { Credentials } from '../smsaero/gate-caller.ts';

/**
 * Time for a gate to answer, and for the balance and the sender names, in ms: more than a message has, so that a slow gate is told from a
 * dead one.
 */
const ANSWER_TIMEOUT_MS = 5_000;

/** One gate, asked by itself. */
export interface GateCheck {
  /** Host name, with the port if that is another one than 443. */
  readonly gate: string;
  /** Whether it answered and took the credentials. */
  readonly ok: boolean;
  /** From the question to its answer, connection and TLS included. */
  readonly ms: number;
  /** Why not: SMS Aero's reason (`unauthorized`, `ip_not_allowed`), or the code of what kept it from answering (`CONNECT_TIMEOUT`). */
  readonly cause?: string;
  /** Whether SMS Aero answered, whatever it said; a proxy's page, or a 502, does not count. */
  readonly reached: boolean;
}

/** A sender name, and how it stands. */
export type NamedStanding = SenderNameStanding & { readonly name: string };

/**
 * What `account-monitor` answers to `{ "diagnose": true }`. It holds no secret. A field is absent if it could not be learned; `problems` then
 * says why.
 */
export interface AccountReport {
  /** None if there is no configuration: without credentials a gate says nothing. */
  readonly gates: readonly GateCheck[];
  /** Roubles. */
  readonly balance?: number;
  readonly senderName?: NamedStanding;
  /** The sender names of `senderNames`, by ISO 3166 code; absent if there are none. */
  readonly senderNames?: Readonly<Record<string, NamedStanding>>;
  /** `ok`, or what is wrong with it: a code, and the parameters and fields; never a value. */
  readonly configuration: string;
  /** How long ago it was read from Parameter Store, in s. */
  readonly configurationAge?: number;
  /** Platforms that have a secret. */
  readonly platforms?: readonly string[];
  /** Why a question has no answer: a reason of SMS Aero's, or a code. */
  readonly problems?: { readonly balance?: string; readonly senderName?: string };
}

export interface InspectAccountOptions {
  readonly environment: { readonly gates: readonly string[] };
  readonly configuration: Pick<Cache<Configuration>, 'getRefreshed' | 'renew' | 'ageSeconds'>;
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
    let settings = await configuration.getRefreshed();
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

/** A gate that was checked, with its base URL. */
export interface CheckedGate {
  readonly url: string;
  readonly check: GateCheck;
}

/**
 * Asks every gate by itself, all at once, whether it takes the credentials (`auth`); never throws.
 *
 * @param gates base URLs
 * @param end when all answers must be there, in ms of the Unix epoch
 */
export function checkGates(
  gates: readonly string[],
  credentials: Credentials,
  end: number,
): Promise<CheckedGate[]> {
  return Promise.all(gates.map(async (url) => ({ url, check: await checkGate(url, credentials, end) })));
}

async function checkGate(url: string, credentials: Credentials, end: number): Promise<GateCheck> {
  const account = new SmsAeroAccount({ gates: [url] });
  const startedAt = performance.now();
  const answer = await account.auth(credentials, Math.min(Date.now() + ANSWER_TIMEOUT_MS, end));
  const ms = Math.round((performance.now() - startedAt) * 10) / 10;
  account.close();
  const isOk = answer.status === 'known';
  return {
    gate: new URL(url).host,
    ms,
    ok: isOk,
    reached: answer.status !== 'unavailable',
    ...(isOk ? {} : { cause: causeOf(answer) }),
  };
}

/**
 * Asks for the balance and the sender names at a gate that takes the credentials; never throws.
 *
 * @param end when all answers must be there, in ms of the Unix epoch
 */
export async function askAccount(
  gates: readonly CheckedGate[],
  settings: Configuration,
  end: number,
): Promise<Pick<AccountReport, 'balance' | 'senderName' | 'senderNames' | 'problems'>> {
  const usable = gates.filter(({ check }) => check.ok).map(({ url }) => url);
  if (usable.length === 0) {
    const cause = gates.find(({ check }) => check.reached)?.check.cause ?? 'unavailable';
    return { problems: { balance: cause, senderName: cause } };
  }
  const account = new SmsAeroAccount({ gates: usable });
  const deadline = Math.min(Date.now() + ANSWER_TIMEOUT_MS, end);
  const { senderName: name, senderNames = {} } = settings;
  const isShared = [name, ...Object.values(senderNames)].every((each) => SHARED_SENDER_NAMES.includes(each));
  const [balance, names] = await Promise.all([
    account.balance(settings, deadline),
    isShared ? ({ status: 'known', value: [] } as const) : account.senderNames(settings, deadline),
  ]);
  account.close();
  const problems = {
    ...(balance.status === 'known' ? {} : { balance: causeOf(balance) }),
    ...(names.status === 'known' ? {} : { senderName: causeOf(names) }),
  };
  return {
    ...(balance.status === 'known' ? { balance: balance.value } : {}),
    ...(names.status === 'known' ? namesIn(settings, names.value) : {}),
    ...(Object.keys(problems).length > 0 ? { problems } : {}),
  };
}

/** How all sender names of a configuration stand, given the names of the account. */
function namesIn(
  { senderName: name, senderNames }: Configuration,
  known: readonly SenderName[],
): Pick<AccountReport, 'senderName' | 'senderNames'> {
  const byCountry = Object.entries(senderNames ?? {}).map(
    ([country, each]) => [country, { name: each, ...standingIn(country, each, known) }] as const,
  );
  return {
    senderName: { name, ...standingOf(name, known) },
    ...(byCountry.length > 0 ? { senderNames: Object.fromEntries(byCountry) } : {}),
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
