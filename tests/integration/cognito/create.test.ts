import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it, mock } from 'node:test';
import { createChallenge } from '../../../lib/cognito/challenge/create.ts';
import type { CreateEvent } from '../../../lib/cognito/challenge/events.ts';
import { SharedCodes } from '../../../lib/cognito/challenge/shared-codes.ts';
import { WrongAnswers } from '../../../lib/cognito/challenge/wrong-answers.ts';
import type { Accepted, Outcome } from '../../../lib/outcome.ts';
import type { SmsRequest } from '../../../lib/sms-request.ts';
import { Table } from '../../../lib/table.ts';
import { ATTRIBUTES, createEvent, type StringMap } from '../../support/cognito.ts';
import { type GuardUnderTest, startGuard } from '../../support/guard.ts';

const NOW = 1_795_447_881_500;
const ANSWER_TIME = 2_000;
const ACCEPTED: Accepted = { status: 'accepted', messageId: '1', cost: 5.5, segments: 1, deliveryId: 'a' };

describe('createChallenge', () => {
  let stand: GuardUnderTest;
  let users = 0;
  /** What is sent, and how that ends. */
  let sent: SmsRequest[];
  let send: () => Promise<Outcome>;
  /** The time that the last challenge waits for, and what ends the waiting. */
  let waiting: PromiseWithResolvers<{ until: number; end: () => void }>;
  before(async () => {
    stand = await startGuard();
  });
  after(() => stand.close());
  beforeEach(() => {
    sent = [];
    send = async () => ACCEPTED;
    mock.timers.enable({ apis: ['Date'], now: NOW });
  });

  afterEach(() => mock.timers.reset());

  const name = () => {
    users += 1;
    return `anna-${users}`;
  };
  const eventOf = (userName: string, attributes: StringMap = ATTRIBUTES, more: object = {}) =>
    createEvent({ userName, attributes, ...more }) as unknown as CreateEvent;
  function create(event: CreateEvent, deadline = Date.now() + ANSWER_TIME, answerTime = ANSWER_TIME) {
    const table = new Table('smsaero-guard', 5_000);
    waiting = Promise.withResolvers();
    return createChallenge(
      {
        configuration: { get: async () => ({ hashKey: 'test-hash-key' }) as never },
        sendSms: async (request) => {
          sent.push(request);
          return await send();
        },
        codes: new SharedCodes(table),
        answers: new WrongAnswers(table, { wrongAnswersPerHour: 10, wrongAnswersPerDay: 30 }),
        answerTime,
        countries: ['RU'],
        wait: (until) => new Promise<void>((end) => waiting.resolve({ until, end })),
        log: { info: () => undefined, warn: () => undefined, error: () => undefined },
        metrics: { signInRefused: () => undefined },
      },
      event,
      deadline,
    );
  }
  /** Waits for the wait of a challenge, which must not be answered before. */
  const untilItWaits = (challenge: Promise<unknown>) =>
    Promise.race([waiting.promise, challenge.then(() => assert.fail('it answered before its time'))]);
  /** Creates a challenge to its end. */
  async function created(event: CreateEvent) {
    const challenge = create(event);
    (await untilItWaits(challenge)).end();
    return await challenge;
  }

  for (const [who, attributes, more, outcome] of [
    ['a user who is sent a code', ATTRIBUTES, {}, async () => ACCEPTED],
    [
      'a user whose number is refused',
      ATTRIBUTES,
      {},
      async () => ({ status: 'refused', reason: 'rate_exceeded' }),
    ],
    ['a user in an outage', ATTRIBUTES, {}, async () => ({ status: 'failed', reason: 'no_money' })],
    ['a user for whom the path breaks', ATTRIBUTES, {}, async () => Promise.reject(new Error('broken'))],
    ['a user without a phone', { sub: 'x' }, {}],
    ['a user whose number is not verified', { ...ATTRIBUTES, phone_number_verified: 'false' }, {}],
    ['an unknown user', {}, { userNotFound: true }],
  ] as [string, StringMap, object, (() => Promise<Outcome>)?][]) {
    it(`answers ${who} at the same time as everybody`, async () => {
      if (outcome) send = outcome;
      const challenge = create(eventOf(name(), attributes, more));
      const wait = await untilItWaits(challenge);
      assert.equal(wait.until, NOW + ANSWER_TIME);
      wait.end();
      const { publicChallengeParameters, ...kept } = await challenge;
      assert.match(publicChallengeParameters.phone, /^•{9}\d\d$/);
      assert.equal(
        /^SENT-/.test(kept.challengeMetadata),
        outcome !== undefined && (await isAccepted(outcome)),
      );
      assert.equal(kept.privateChallengeParameters.code, kept.challengeMetadata);
    });
  }
  const isAccepted = (outcome: () => Promise<Outcome>) =>
    outcome().then(
      ({ status }) => status === 'accepted',
      () => false,
    );

  it('answers at that time also while the table cannot be asked, and sends nothing', async () => {
    stand.table.choose = () => 'server_error';
    const challenge = create(eventOf(name()));
    const { until, end } = await untilItWaits(challenge);
    stand.table.choose = undefined;
    assert.equal(until, NOW + ANSWER_TIME);
    end();
    assert.match((await challenge).challengeMetadata, /^HELD-/);
    assert.deepEqual(sent, []);
  });

  it('lets a send end before the answer, so that a slow gate tells nobody', async () => {
    await created(eventOf(name()));
    assert.ok((sent[0]?.deadline ?? Infinity) < NOW + ANSWER_TIME);
    const sooner = create(eventOf(name()), NOW + 900);
    (await untilItWaits(sooner)).end();
    assert.equal(sent[1]?.deadline, NOW + 900);
  });

  it('answers at that time although the send has not ended, and counts nothing as sent', async () => {
    send = () => new Promise(() => undefined); // a release that the table keeps waiting
    const challenge = create(eventOf(name()), NOW + 50, 50);
    const { until, end } = await untilItWaits(challenge);
    assert.equal(until, NOW + 50);
    end();
    assert.match((await challenge).challengeMetadata, /^HELD-/);
  });

  it('answers at once where nothing would be sent to anybody: after a wrong answer', async () => {
    const userName = name();
    const { challengeMetadata } = await created(eventOf(userName));
    const session = [{ challengeName: 'CUSTOM_CHALLENGE', challengeResult: false, challengeMetadata }];
    const next = await create(eventOf(userName, ATTRIBUTES, { session }));
    assert.equal(next.challengeMetadata, challengeMetadata);
    assert.equal(sent.length, 1);
  });

  it('takes an earlier message for sent only if SMS Aero took it', async () => {
    for (const [of, expected] of [
      [ACCEPTED, /^SENT-/],
      [{ status: 'unknown', reason: 'no_answer' }, /^HELD-/],
    ] as const) {
      send = async () => ({ status: 'duplicate', of });
      assert.match((await created(eventOf(name()))).challengeMetadata, expected);
    }
  });

  it('asks for the same code for 30 seconds, and then for another', async () => {
    const event = eventOf(name());
    const { challengeMetadata: first } = await created(event);
    mock.timers.setTime(NOW + 29_999);
    assert.equal((await created(event)).challengeMetadata, first);
    mock.timers.setTime(NOW + 30_000);
    assert.notEqual((await created(event)).challengeMetadata, first);
    const keys = sent.map(({ idempotency }) => idempotency?.key);
    assert.equal(keys[1], keys[0], 'a repeat is one for the guard too');
    assert.notEqual(keys[2], keys[0]);
  });
});
