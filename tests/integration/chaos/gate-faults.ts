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

/** Time that a request may take, in ms: late answers lie on both sides of it. */
export interface Times {
  readonly deadline: number;
}

/** All faults of requests. `accept` decides whether the account took the message behind an answer that says nothing. */
export function gateFaults({ deadline }: Times): readonly GateFault[] {
  return [...withheld(deadline), ...refusals, ...quirks(deadline)];
}

const either = ['server_error_json', 'bad_gateway_html', 'html_200', 'success_null_data'] as const;

/** The request was written, and whether it was taken cannot be told. */
function withheld(deadline: number): GateFault[] {
  const kind = (weight: number, order: RequestFault, name: string = order.fault): GateFault => ({
    name,
    order,
    knowable: 'unknown',
    weight,
  });
  return [
    // Few of these two: each keeps a caller for the whole deadline.
    kind(1, { fault: 'no_answer' }),
    kind(1, { fault: 'late_answer', delayMs: deadline + 500 }, 'late_answer beyond the deadline'),
    kind(4, { fault: 'reset_before_acceptance' }),
    kind(4, { fault: 'reset_after_acceptance' }),
    ...either.flatMap((fault) => [
      kind(2, { fault, accept: true }, `${fault} after acceptance`),
      kind(2, { fault, accept: false }),
    ]),
    kind(1, { fault: 'oversized_answer' }),
    kind(2, { fault: 'truncated_json' }),
    kind(2, { fault: 'half_answer' }),
  ];
}

/** The gate said that nothing is sent. */
const refusals: readonly GateFault[] = (
  [
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
  ] as const
).map(([weight, order]) => ({ name: order.fault, order, knowable: 'failed', weight }));

/** Trouble that a client has to get over. */
function quirks(deadline: number): GateFault[] {
  const kind = (weight: number, order: RequestFault, name: string = order.fault): GateFault => ({
    name,
    order,
    knowable: 'accepted',
    weight,
  });
  return [
    kind(3, { fault: 'late_answer', delayMs: Math.round(deadline / 10) }, 'late_answer'),
    kind(2, { fault: 'late_answer', delayMs: Math.round(deadline / 4) }, 'very late_answer'),
    kind(1, { fault: 'slow_drip', delayMs: 1 }),
    kind(1, { fault: 'array_data' }),
    kind(1, { fault: 'string_types' }),
    kind(1, { fault: 'moderation' }),
    kind(1, { fault: 'wrong_length' }),
    kind(1, { fault: 'compressed' }),
    kind(3, { fault: 'close_keepalive' }),
  ];
}

/** Faults that take a message with a status of "rejected" or "undelivered": the ledger has it, and nobody gets it. */
export const NOT_SENT: ReadonlySet<string> = new Set(['status_rejected', 'status_undelivered']);
