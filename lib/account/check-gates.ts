import { SmsAeroAccount } from '../smsaero/account.ts';
import type { Credentials } from '../smsaero/gate-caller.ts';
import type { GateCheck } from './report.ts';

/** Time for a gate to answer, in ms: more than a message has, so that a slow gate is told from a dead one. */
const PATIENCE = 5_000;

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
  const answer = await account.auth(credentials, Math.min(Date.now() + PATIENCE, end));
  const ms = Math.round((performance.now() - startedAt) * 10) / 10;
  account.close();
  const gate = { gate: new URL(url).host, ms };
  switch (answer.status) {
    case 'known':
      return { ...gate, ok: true, reached: true };
    case 'refused':
      return { ...gate, ok: false, reached: true, cause: answer.reason };
    case 'unavailable':
      return { ...gate, ok: false, reached: false, cause: answer.cause };
  }
}
