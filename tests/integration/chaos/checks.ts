import { NOT_SENT } from './gate-faults.ts';
import type { Call, History, Sent } from './history.ts';

/** Statuses that the function may answer a right request with: sent, not sent (four ways), unknown. */
const TOLD = new Map<number, 'sent' | 'not sent' | 'unknown'>([
  [200, 'sent'],
  [400, 'not sent'],
  [502, 'not sent'],
  [503, 'not sent'],
  [504, 'unknown'],
]);

/** Error codes of a connection that ended under a written request. */
const BROKEN = new Set<unknown>(['ECONNRESET', 'EPIPE', 'CLOSED']);

/** What was found about one message. */
export type Findings = ReturnType<typeof check>;

const told = ({ status }: Call) => TOLD.get(status);
const isSent = ({ entry }: Sent) => entry.outcome === 'accepted' && !NOT_SENT.has(entry.fault ?? '');
const during = (call: Call, at: number) => call.startedAt <= at && at <= call.endedAt;

/** How long before its deadline a repeat looks at the first request for the last time, in ms: it looks each 100 ms. */
const LAST_LOOK = 250;

/**
 * Whether a request ended while another for the same message was under way, and its own time or the other's was up: it can only say
 * that it does not know. Of two repeats that wait for a first one, one sends after the first has failed, and the other waits on.
 */
function isOutwaited(call: Call, calls: readonly Call[], deadline: number): boolean {
  const spent = ({ startedAt, endedAt }: Call) => endedAt - startedAt >= deadline - LAST_LOOK;
  const another = (other: Call) =>
    other !== call &&
    told(other) !== 'unknown' &&
    during(other, call.endedAt - LAST_LOOK) &&
    (spent(call) || spent(other));
  return told(call) === 'unknown' && calls.some(another);
}

/**
 * Holds a message's history against what the service promises.
 *
 * @param deadline of the function, in ms
 * @param closings times at which gates closed connections: a request that was just written there is in no ledger
 */
export function check(history: History, deadline: number, closings: readonly number[]) {
  const { calls, sent, lines } = history;
  const violations: string[] = [];
  const must = (holds: boolean, promise: string) => {
    if (!holds) violations.push(promise);
  };
  const accepted = sent.filter(isSent);
  must(accepted.length <= 1, 'sent twice');

  // Only a refusal may be followed by another request.
  const last = sent.findIndex(({ knowable }) => knowable !== 'failed');
  must(last < 0 || last === sent.length - 1, 'asked a gate again after a request that may have been sent');

  for (const call of calls) {
    must(told(call) !== undefined, `lost: a request ended with ${call.status} ${call.code ?? ''}`);
    if (told(call) === 'sent') {
      const ids = accepted.map(({ entry }) => String(entry.messageId));
      must(ids.length === 1 && ids[0] === call.messageId, 'told "sent", and the ledger says otherwise');
    }
  }

  // A gate answered, and the function could not hear it: too late for the deadline, or on a connection that just ended.
  const answers = new Set(lines.map(({ answer }) => answer));
  const closed = calls.some((call) => closings.some((at) => during(call, at)));
  const unheard = answers.has('TIMEOUT') || (closed && [...answers].some((answer) => BROKEN.has(answer)));
  const decided = sent[last];
  const withheld = decided?.knowable === 'unknown' || (unheard && calls.some((call) => call.status === 504));
  const outwaited = withheld ? [] : calls.filter((call) => isOutwaited(call, calls, deadline));
  const unknown = calls.some((call) => told(call) === 'unknown' && !outwaited.includes(call));
  must(!unknown || withheld, 'told "unknown", and no answer was withheld');
  must(!withheld || unknown, 'an answer was withheld, and nobody was told "unknown"');
  must(!withheld || unheard || calls.every((call) => told(call) !== 'sent'), 'told "sent" without an answer');

  const at = decided?.entry.at ?? Number.POSITIVE_INFINITY;
  must(
    !decided || calls.some((call) => told(call) !== 'not sent' && during(call, at)),
    'sent in silence: nobody who was waiting then was told',
  );
  must(
    calls.every((call) => told(call) !== 'not sent' || call.startedAt <= at),
    'told "not sent" after it had been, or may have been',
  );
  const refused = sent.filter(({ knowable }) => knowable === 'failed').length;
  must(
    calls.filter(({ status }) => status === 400 || status === 502).length <= refused,
    'told that SMS Aero refused, and it did not',
  );
  must(sameWords(calls, lines), 'the log and the answers differ');
  return {
    /** Promises that were broken; empty if all is well. */
    violations,
    /** How often SMS Aero took the message and would send it. */
    accepted: accepted.length,
    /** Whether an answer to a request that was written was withheld: by a fault, by the deadline, by a closing connection. */
    withheld,
    /** Whether it was withheld by no fault of the plan. */
    unheard: withheld && decided?.knowable !== 'unknown',
    /** Whether a caller was told "unknown". */
    unknown,
    /** Whether a repeat waited for another request up to its deadline, and was told "unknown" though no answer was withheld. */
    outwaited: outwaited.length > 0,
  };
}

/** Whether the log has as many of each outcome as the callers were answered with. */
function sameWords(calls: readonly Call[], lines: History['lines']): boolean {
  const logged = lines.map(({ outcome, of }) => {
    const word = outcome === 'duplicate' ? of : outcome;
    if (word === 'accepted') return 'sent';
    return word === 'unknown' ? 'unknown' : 'not sent';
  });
  return logged.sort().join() === calls.map(told).sort().join();
}
