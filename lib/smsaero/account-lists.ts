import { asNumber, asObject, type Fields } from '../json.ts';

interface Approval {
  readonly approved: boolean;
  /** SMS Aero's word for the state (`extendStatus`): `approve`. */
  readonly state: string;
}

/** An operator's word on a sender name. */
export interface OperatorState extends Approval {
  /** `MEGAFON`, `MTS`, `BEELINE`, `TELE2`, as SMS Aero writes them. */
  readonly operator: string;
}

/** A sender name of the account, and the word of SMS Aero itself. */
export interface SenderName extends Approval {
  readonly id: string;
  readonly name: string;
  readonly operators: readonly OperatorState[];
}

/**
 * Spellings of the sender name that SMS Aero shares among all accounts: those of its clients. Always usable and in nobody's list; but
 * operators are known to reject codes under it, SMS Aero moderates its messages by hand for 5 to 10 minutes until there is a contract, and the
 * text then has to name the service.
 */
export const SHARED_SENDER_NAMES: readonly string[] = ['SMSAero', 'SMS Aero', 'Sms Aero'];

/** `approve` of `sign/list`; no other code is documented. */
const APPROVED = 1;

/**
 * Reads a page of `sign/list`: an object with the names under "0", "1" and so on, and the number of all as a string; an array does as well.
 *
 * @returns undefined if it is neither
 */
export function readSenderNames({
  data,
}: Fields): { readonly names: readonly SenderName[]; readonly total: number } | undefined {
  const list = Array.isArray(data) ? data : asObject(data);
  if (!list) {
    return undefined;
  }
  const names = Object.values(list).flatMap((entry) => {
    const fields = asObject(entry);
    const name = fields?.['name'];
    if (!fields || typeof name !== 'string') return []; // totalCount, links
    const operators = Object.values(listOf(fields['statusOperators'])).flatMap(readOperator);
    return [{ id: String(fields['id'] ?? name), name, ...stateOf(fields), operators }];
  });
  return { names, total: asNumber(asObject(data)?.['totalCount']) ?? names.length };
}

function readOperator(entry: unknown): OperatorState[] {
  const fields = asObject(entry);
  const operator = fields?.['extendOperator'] ?? fields?.['operator'];
  return fields && operator !== undefined ? [{ operator: String(operator), ...stateOf(fields) }] : [];
}

function stateOf({ status, extendStatus }: Fields): Approval {
  const code = asNumber(status);
  const state = typeof extendStatus === 'string' ? extendStatus : String(code ?? 'unknown');
  return { approved: code === undefined ? state === 'approve' : code === APPROVED, state };
}

function listOf(value: unknown): object {
  return Array.isArray(value) ? value : (asObject(value) ?? {});
}

/** How a sender name stands with the operators. */
export type SenderNameStanding =
  /** The shared one, under any spelling: see {@link SHARED_SENDER_NAMES}. */
  | { readonly kind: 'shared' }
  | {
      readonly kind: 'own';
      /** Operators that deliver messages under it, as SMS Aero writes them. */
      readonly approved: readonly string[];
      /** The others, with SMS Aero's word for the state. */
      readonly pending: readonly OperatorState[];
      /** Whether SMS Aero itself has approved it. */
      readonly accepted: boolean;
    }
  /** The account has none of this name: SMS Aero refuses every message. */
  | { readonly kind: 'absent' };

/** How a sender name stands, given the account's names. Only the shared one is known under several spellings. */
export function standingOf(senderName: string, names: readonly SenderName[]): SenderNameStanding {
  if (SHARED_SENDER_NAMES.includes(senderName)) {
    return { kind: 'shared' };
  }
  const own = names.find(({ name }) => name === senderName);
  if (!own) {
    return { kind: 'absent' };
  }
  const approved = own.operators.filter((operator) => operator.approved).map(({ operator }) => operator);
  const pending = own.operators.filter((operator) => !operator.approved);
  return { kind: 'own', approved, pending, accepted: own.approved };
}

/**
 * How the sender name of a country stands. The operators in `sign/list` are Russian ones: for other countries only the word of SMS Aero counts.
 *
 * @param country ISO 3166 code in capitals
 */
export function standingIn(
  country: string,
  senderName: string,
  names: readonly SenderName[],
): SenderNameStanding {
  const standing = standingOf(senderName, names);
  return standing.kind === 'own' && country !== 'RU' ? { ...standing, approved: [], pending: [] } : standing;
}

/** Whether SMS Aero takes messages under a sender name. */
export function isUsable(standing: SenderNameStanding): boolean {
  return standing.kind === 'shared' || (standing.kind === 'own' && standing.accepted);
}
