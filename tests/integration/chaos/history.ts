import { maskPhone } from '../../../lib/observability/redact.ts';
import type { LedgerEntry } from '../../../local/simulator/index.ts';
import type { Knowable } from './gate-faults.ts';
import type { PlannedMessage } from './plan.ts';
import type { World } from './world.ts';

/** One request of a caller, with the answer that the function gave, whether or not the caller was still there to hear it. */
export interface Call {
  readonly process: number;
  readonly startedAt: number;
  readonly endedAt: number;
  /** 0 for no answer in HTTP. */
  readonly status: number;
  /** The code of an error body, or why there is no answer. */
  readonly code: string | undefined;
  readonly messageId: string | undefined;
}

/** What a gate saw of a message. */
export interface Sent {
  readonly entry: LedgerEntry;
  /** What the function can know after it. */
  readonly knowable: Knowable;
}

/** All that happened to one message. */
export interface History {
  readonly message: PlannedMessage;
  readonly calls: readonly Call[];
  readonly sent: readonly Sent[];
  /** The function's log lines of outcomes. */
  readonly lines: readonly Record<string, unknown>[];
}

/** Puts together who asked, what the gates saw and what the function logged, message by message. */
export function historiesOf(world: World, calls: ReadonlyMap<PlannedMessage, readonly Call[]>): History[] {
  const entries = Map.groupBy(world.account.ledger, ({ number }) => number);
  const logged = world.functions.flatMap((each) => each.logs('sms'));
  const lines = Map.groupBy(logged, ({ recipient }) => recipient);
  return [...calls].map(([message, asked]) => ({
    message,
    calls: asked,
    sent: (entries.get(message.number) ?? []).map((entry) => ({ entry, knowable: knowableOf(world, entry) })),
    lines: lines.get(maskPhone(`+${message.number}`)) ?? [],
  }));
}

/** Answers whose body is spoilt, late or cut off and whose status is not: a refusal by its status is one all the same. */
const STATUS_SAYS = ['oversized_answer', 'truncated_json', 'half_answer', 'slow_drip', 'cut_refusal'];

function knowableOf({ gates }: World, entry: LedgerEntry): Knowable {
  const planned = gates.knowable.get(entry.sequence) ?? 'accepted';
  if (entry.outcome === 'refused' && STATUS_SAYS.includes(entry.fault ?? '')) return 'failed'; // a key that is not valid any more, or the status of the fault
  if (planned === 'unknown' || !entry.answered) return 'unknown';
  return entry.outcome === 'accepted' ? planned : 'failed';
}

/** A history as lines of text: the message, each answer to its callers, each request at a gate, each log line. */
export function describeHistory({ message, calls, sent, lines }: History): string[] {
  const { code: _, ...traits } = { ...message, number: maskPhone(`+${message.number}`) };
  const requests = sent.map(({ entry: { at, gate, fault, outcome, messageId, answered }, knowable }) => {
    return { at, gate, fault, outcome, messageId, answered, knowable };
  });
  return [traits, ...calls, ...requests, ...lines].map((each) => JSON.stringify(each));
}
