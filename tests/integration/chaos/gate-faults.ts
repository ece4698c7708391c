import type { RequestFault } from '../../../local/simulator/index.ts';

/** What the service can know of a message after a request: the gate said yes, said no, or its answer was withheld. */
export type Knowable = 'accepted' | 'failed' | 'unknown';

/** A fault of a request, what is knowable after it, and how often it comes beside the others. */
export interface GateFault {
  readonly name: string;
  readonly order: RequestFault;
  readonly knowable: Knowable;
  readonly weight: number;
}

/** Behind each of these answers, which say nothing, the account may have taken the message or not: `accept`. */
const EITHER = ['server_error_json', 'bad_gateway_html', 'html_200', 'success_null_data'] as const;

type Row = readonly [weight: number, order: RequestFault, name?: string];

/** All faults of requests. @param deadline of the function, in ms: late answers lie on both sides of it */
export function gateFaults(deadline: number): GateFault[] {
  const faults = (knowable: Knowable, ...rows: Row[]): GateFault[] =>
    rows.map(([weight, order, name = order.fault]) => ({ name, order, knowable, weight }));
  return [
    // The request was written, and whether it was taken cannot be told.
    ...faults(
      'unknown',
      // Few of these two: each keeps a caller for the whole deadline.
      [1, { fault: 'no_answer' }],
      [1, { fault: 'late_answer', delayMs: deadline + 500 }, 'late_answer beyond the deadline'],
      [4, { fault: 'reset_before_acceptance' }],
      [4, { fault: 'reset_after_acceptance' }],
      ...EITHER.map((fault): Row => [2, { fault, accept: true }, `${fault} after acceptance`]),
      ...EITHER.map((fault): Row => [2, { fault, accept: false }]),
      [1, { fault: 'oversized_answer' }],
      [2, { fault: 'truncated_json' }],
      [2, { fault: 'half_answer' }],
    ),
    // The gate said that nothing is sent.
    ...faults(
      'failed',
      [4, { fault: 'success_false' }],
      [4, { fault: 'rate_limited', retryAfter: 1 }],
      [2, { fault: 'rate_limited' }],
      [2, { fault: 'unauthorized' }],
      [2, { fault: 'no_money' }],
      [1, { fault: 'ip_not_allowed' }],
      [1, { fault: 'blacklisted', form: 'field' }],
      [1, { fault: 'bad_sender_name' }],
      [1, { fault: 'invalid_number' }],
      [1, { fault: 'forbidden' }],
      [1, { fault: 'legacy_reject' }],
      [1, { fault: 'legacy_no_credits' }],
      [1, { fault: 'redirect' }],
      [1, { fault: 'block_page' }],
      [1, { fault: 'cut_refusal' }],
      [1, { fault: 'status_rejected' }],
      [1, { fault: 'status_undelivered' }],
    ),
    // Trouble that a client has to get over.
    ...faults(
      'accepted',
      [3, { fault: 'late_answer', delayMs: Math.round(deadline / 10) }],
      [2, { fault: 'late_answer', delayMs: Math.round(deadline / 4) }, 'very late_answer'],
      [1, { fault: 'slow_drip', delayMs: 1 }],
      [1, { fault: 'array_data' }],
      [1, { fault: 'string_types' }],
      [1, { fault: 'moderation' }],
      [1, { fault: 'wrong_length' }],
      [1, { fault: 'compressed' }],
      [3, { fault: 'close_keepalive' }],
    ),
  ];
}

/** Faults that take a message with a status of "rejected" or "undelivered": the ledger has it, and nobody gets it. */
export const NOT_SENT: ReadonlySet<string> = new Set(['status_rejected', 'status_undelivered']);
