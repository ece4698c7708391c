import type { SenderNameStanding } from '../smsaero/account-lists.ts';

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
  /** Whether SMS Aero answered, whatever it said; a proxy's page, or a 502, is no answer of its own. */
  readonly reached: boolean;
}

/**
 * What `account-monitor` answers to `{ "diagnose": true }`. It holds no secret. A field is absent if it could not be learned; `problems` then
 * says why.
 */
export interface AccountReport {
  /** None if there is no configuration: without credentials a gate says nothing. */
  readonly gates: readonly GateCheck[];
  /** Roubles. */
  readonly balance?: number;
  readonly senderName?: SenderNameStanding & { readonly name: string };
  /** `ok`, or what is wrong with it: a code, and the parameters and fields; never a value. */
  readonly configuration: string;
  /** How long ago it was read from Parameter Store, in s. */
  readonly configurationAge?: number;
  /** Platforms that have a secret. */
  readonly platforms?: readonly string[];
  /** Why a question has no answer: a reason of SMS Aero's, or a code. */
  readonly problems?: { readonly balance?: string; readonly senderName?: string };
}
