import assert from 'node:assert/strict';
import { describe, it, mock } from 'node:test';
import fc from 'fast-check';
import { ConfigurationError } from '../../../lib/config/parameters.ts';
import { deliveryIdFor } from '../../../lib/delivery/delivery-id.ts';
import type { Outcome, Refused } from '../../../lib/message/outcome.ts';
import type { SmsRequest } from '../../../lib/message/sms-request.ts';
import { createCarryOut } from '../../../lib/queue/carry-out.ts';
import { pauseBefore, RetryLaterError } from '../../../lib/queue/results.ts';
import { COMMAND_EXAMPLE } from '../../../tools/contracts/events.ts';

mock.method(Math, 'random', () => 0); // the pauses have a share of chance
const SENT_AT = Date.UTC(2026, 10, 24, 12);
mock.timers.enable({ apis: ['Date'], now: SENT_AT });

const COMMAND = { ...COMMAND_EXAMPLE, time: new Date().toISOString() };

interface Setting {
  readonly body?: string;
  /** When the command expires, in ms from now. */
  readonly life?: number;
  /** How often it was received. */
  readonly tries?: number;
  /** The function's time, in ms. */
  readonly time?: number;
  readonly away?: 'queue' | 'dead-letter queue' | 'table' | 'code';
}

/** Carries out one message. @returns what was done with it, and what `sendSms` was asked */
async function carryOut(outcome: Outcome | Error, { tries = 1, time = 30_000, away, ...rest }: Setting = {}) {
  const expiresAt = rest.life === undefined ? undefined : new Date(Date.now() + rest.life).toISOString();
  const body = rest.body ?? JSON.stringify({ ...COMMAND, data: { ...COMMAND.data, expiresAt } });
  const steps: string[] = [];
  const asked: SmsRequest[] = [];
  const ifThere = (part: Setting['away'], step: string) => {
    if (away === part) throw new Error(`no ${part}`);
    steps.push(step);
  };
  const run = createCarryOut({
    sendSms: async (request) => {
      asked.push(request);
      if (outcome instanceof Error) throw outcome;
      return outcome;
    },
    queue: {
      hide: async (_, seconds) => ifThere('queue', `hide ${seconds}`),
      moveToDeadLetters: async (message, { Tries, ...reasons }) => {
        assert.deepEqual([message.body, Tries], [body, String(tries)]);
        ifThere('dead-letter queue', ['dead', ...Object.values(reasons)].join(' '));
      },
    },
    deliveries: {
      record: async (deliveryId, recorded, { command }) => {
        assert.equal(deliveryId, deliveryIdFor(SENT_AT, 'message-1'), 'the same however often it comes');
        assert.deepEqual(command, { source: COMMAND.source, id: COMMAND.id });
        ifThere('code', `record ${recorded.status} ${'reason' in recorded ? recorded.reason : ''}`);
        return away !== 'table';
      },
    },
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    metrics: { command: (result, reason) => void steps.push(`${result} ${reason}`) },
  });
  const attributes = { ApproximateReceiveCount: String(tries), SentTimestamp: String(SENT_AT) };
  const message = { messageId: 'message-1', receiptHandle: 'handle-1', body, attributes };
  await run(message, Date.now() + time).catch((error: unknown) => {
    steps.push(error instanceof RetryLaterError ? 'stays' : String(error));
  });
  return { steps, request: asked[0] };
}

const ACCEPTED = {
  status: 'accepted',
  messageId: '5398',
  channel: 'sms',
  segments: 1,
  deliveryId: 'AZq1',
} as const;
const UNKNOWN = { status: 'unknown', reason: 'no_answer' } as const;
const PENDING = { status: 'duplicate', of: { ...UNKNOWN, pending: true } } as const;
const NO_MONEY = { status: 'failed', reason: 'no_money' } as const;
const refused = (reason: Refused['reason'], retryAfter?: number) =>
  ({ status: 'refused', reason, retryAfter }) as const;
const retried = (reason: string, pause = 5) => [`hide ${pause}`, `CommandRetried ${reason}`, 'stays'];
const dead = (reason: string, detail?: string) => [
  detail ? `dead ${reason} ${detail}` : `dead ${reason}`,
  `CommandDeadLettered ${reason}`,
];
const FOR_EVER = [
  ...(['invalid_recipient', 'country_not_allowed', 'range_not_allowed'] as const),
  ...(['text_too_long', 'idempotency_conflict', 'expired'] as const),
];

describe('a command', () => {
  const rows: readonly [string, Outcome | Error, string[], Setting?][] = [
    ['is done once it is sent', ACCEPTED, []],
    ['is done where it may have been sent', UNKNOWN, []],
    ['is done where it was sent before', { status: 'duplicate', of: ACCEPTED }, []],
    ['waits for its first request', PENDING, retried('in_flight')],
    ['waits until its record is written', { ...ACCEPTED, recorded: false }, retried('not_recorded')],
    ['waits for money, longer each time', NO_MONEY, retried('no_money', 45), { tries: 3 }],
    ['waits as long as it is told', { ...NO_MONEY, retryAfter: 40 }, retried('no_money', 40)],
    ['waits for a limit', refused('rate_exceeded', 60), retried('rate_exceeded', 60)],
    [
      'expires where a limit ends too late, and the record says why',
      refused('rate_exceeded', 7_200),
      ['record failed rate_exceeded', ...dead('expired', 'rate_exceeded')],
    ],
    [
      'waits for the configuration',
      new ConfigurationError('configuration_unreadable', ''),
      retried('configuration_unreadable'),
    ],
    ['waits after an error', new Error('bug'), retried('internal_error')],
    [
      'expires with the table away, at its first try: nothing was sent',
      refused('guard_unavailable'),
      ['record failed guard_unavailable', ...dead('expired', 'guard_unavailable')],
      { life: 1_000 },
    ],
    [
      'waits for the table past its end, at another try: it may have been sent',
      refused('guard_unavailable'),
      retried('guard_unavailable', 15),
      { life: 1_000, tries: 2 },
    ],
    ['is not begun without time', ACCEPTED, retried('no_time'), { time: 2_400 }],
    [
      'waits for time past its end: it may have been sent',
      ACCEPTED,
      retried('no_time'),
      { time: 2_400, life: -1 },
    ],
    ...FOR_EVER.map((reason): [string, Outcome, string[]] => [
      `is a dead letter with a record: ${reason}`,
      refused(reason),
      [`record failed ${reason}`, ...dead(reason)],
    ]),
    [
      'is a dead letter where SMS Aero has refused it',
      { status: 'failed', reason: 'blacklisted' },
      dead('blacklisted'),
    ],
    [
      'is a dead letter where it is none',
      ACCEPTED,
      dead('invalid_command', '(body) invalid_json'),
      { body: 'hello' },
    ],
    ['stays without its record', refused('expired'), ['record failed expired', 'stays'], { away: 'table' }],
    ['stays after an error in our code', refused('expired'), ['Error: no code'], { away: 'code' }],
    ['stays without a dead-letter queue', ACCEPTED, ['stays'], { body: 'hello', away: 'dead-letter queue' }],
    ['stays where it cannot be hidden', NO_MONEY, ['CommandRetried no_money', 'stays'], { away: 'queue' }],
  ];
  for (const [name, outcome, steps, setting] of rows) {
    it(name, async () => assert.deepEqual((await carryOut(outcome, setting)).steps, steps));
  }

  it('is one request, known for longer than it lives and by what it asks for, but for its end', async () => {
    const { request = assert.fail('not asked') } = await carryOut(ACCEPTED, { life: 60_000 });
    const { deadline, expiresAt, idempotency, ...rest } = request;
    assert.deepEqual(rest, {
      platform: 'queue',
      recipient: COMMAND.data.to,
      usageType: COMMAND.data.type,
      locale: COMMAND.data.locale,
      variables: COMMAND.data.payload,
      clientAddress: COMMAND.data.ip,
      command: { source: COMMAND.source, id: COMMAND.id },
      retried: true,
      guardRequired: true,
    });
    const { key, ttlS, fingerprint } = idempotency ?? assert.fail('no key');
    assert.deepEqual([key, ttlS], [JSON.stringify([COMMAND.source, COMMAND.id]), 2 * 86_400]);
    const { request: later } = await carryOut(ACCEPTED, { life: 90_000 });
    assert.equal(later?.idempotency?.fingerprint, fingerprint);
    assert.deepEqual([expiresAt, deadline], [Date.now() + 60_000, Date.now() + 8_000]);
  });

  for (const [what, life, left] of [
    ['3 s where it expires meanwhile', 500, 3_000],
    ['no time where it has expired', -1, 0],
  ] as const) {
    it(`gives SMS Aero ${what}`, async () => {
      const { request } = await carryOut(ACCEPTED, { life });
      assert.equal(request?.deadline, Date.now() + left);
    });
  }
});

const DAY = 86_400_000;

const TRIES = [1, 2, 3, 4, 5, 6, 7, 8, 90];
const GROWING = [5, 15, 45, 135, 405, 1215, 3600, 3600, 3600];

describe('the pause before the next try of a command', () => {
  for (const [name, tries, retryAfter, left, chance, pause] of [
    ...TRIES.map((tries, at) => ['grows', tries, undefined, DAY, 0, GROWING[at]] as const),
    ['is up to a quarter shorter, so that commands do not come back together', 3, undefined, DAY, 0.999, 33],
    ['is not shorter than SMS Aero or a limit asks for', 1, 30, DAY, 0, 30],
    ['is not longer for that', 4, 30, DAY, 0, 135],
    ['is an hour at the most, also where a limit asks for more', 1, 20_000, DAY, 0, 3600],
    ['leaves a last try', 5, undefined, 60_000, 0, 58],
    ['leaves a last try', 5, undefined, 3_000, 0, 1],
    ['is none where no try is left', 1, undefined, 2_999, 0, undefined],
    ['is none where no try is left', 1, undefined, -1, 0, undefined],
    ['is none where it would end too late', 1, 3_600, 600_000, 0, undefined],
  ] as const) {
    it(`${name}: try ${tries}, ${left} ms left`, () => {
      assert.equal(pauseBefore(tries, retryAfter, SENT_AT + left, SENT_AT, chance), pause);
    });
  }

  it('never reaches past the end', () => {
    const numbers = [
      fc.integer({ min: 1, max: 50 }),
      fc.nat(100_000),
      fc.integer({ min: -5_000, max: DAY }),
    ] as const;
    fc.assert(
      fc.property(
        ...numbers,
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (tries, retryAfter, left, chance) => {
          const pause = pauseBefore(tries, retryAfter, SENT_AT + left, SENT_AT, chance);
          return pause === undefined || (pause >= 1 && pause <= 3_600 && pause * 1_000 <= left - 2_000);
        },
      ),
    );
  });
});
