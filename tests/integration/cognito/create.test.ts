import assert from 'node:assert/strict';
import { after, afterEach, beforeEach, describe, it, mock } from 'node:test';
import { createChallenge } from '../../../lib/cognito/challenge/create.ts';
import type { CreateEvent } from '../../../lib/cognito/challenge/events.ts';
import { SharedCodes } from '../../../lib/cognito/challenge/shared-codes.ts';
import { answerOf, userKey, WrongAnswers } from '../../../lib/cognito/challenge/wrong-answers.ts';
import { keyedHash } from '../../../lib/derived-key.ts';
import type { Accepted, Outcome } from '../../../lib/message/outcome.ts';
import type { SmsRequest } from '../../../lib/message/sms-request.ts';
import { ATTRIBUTES, createEvent, POOL_ID, type StringMap } from '../../support/cognito.ts';
import { startTable } from '../../support/table.ts';

const NOW = 1_795_447_881_500;
const ANSWER_TIME = 2_000;
const ACCEPTED: Accepted = {
  status: 'accepted',
  messageId: '1',
  cost: 5.5,
  channel: 'sms',
  segments: 1,
  deliveryId: 'a',
};

const UNKNOWN: Outcome = { status: 'unknown', reason: 'no_answer' };

const standIn = await startTable('smsaero-cognito');
after(() => standIn.close());

describe('createChallenge', () => {
  let users = 0;
  /** What is sent, and how that ends. */
  let sent: SmsRequest[];
  let send: () => Promise<Outcome>;
  /** Time for the table, in ms: enough for a busy machine. */
  let tableTime: number;
  /** What is logged and counted. */
  let noted: unknown[][];
  /** The time that the last challenge waits for, and what ends the waiting. */
  let waiting: PromiseWithResolvers<{ until: number; end: () => void }>;
  beforeEach(() => {
    sent = [];
    noted = [];
    tableTime = 20_000;
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
    const table = standIn.open();
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
        tableTime,
        countries: ['RU'],
        wait: (until) => new Promise<void>((end) => waiting.resolve({ until, end })),
        log: {
          info: (message, fields) => noted.push(['info', message, fields]),
          warn: (message, fields) => noted.push(['warn', message, fields]),
          error: (message, error, fields) => noted.push(['error', message, fields, (error as Error).message]),
        },
        metrics: { signInRefused: (reason) => noted.push(['refused', reason]) },
      },
      event,
      deadline,
    );
  }
  /** Waits for the wait of a challenge, which must not be answered before. */
  const untilItWaits = (challenge: Promise<unknown>) =>
    Promise.race([waiting.promise, challenge.then(() => assert.fail('it answered before its time'))]);
  /** Creates a challenge to its end, at the time at which all are answered. */
  async function created(event: CreateEvent) {
    const challenge = create(event);
    const { until, end } = await untilItWaits(challenge);
    assert.equal(until, Date.now() + ANSWER_TIME);
    end();
    const { publicChallengeParameters, privateChallengeParameters, challengeMetadata } = await challenge;
    assert.match(publicChallengeParameters.phone, /^•{9}\d\d$/);
    assert.equal(privateChallengeParameters.code, challengeMetadata);
    return { text: challengeMetadata, id: privateChallengeParameters.id };
  }
  const userOf = (event: CreateEvent) => userKey(keyedHash('test-hash-key'), event);

  for (const [outcome, begins, ...logged] of [
    [ACCEPTED, 'SENT'],
    [UNKNOWN, 'HELD'],
    [{ status: 'duplicate', of: ACCEPTED }, 'SENT'],
    [{ status: 'duplicate', of: UNKNOWN }, 'HELD'],
    [{ status: 'refused', reason: 'rate_exceeded' }, 'HELD'],
    [{ status: 'failed', reason: 'no_money' }, 'HELD', { reason: 'no_money' }, 'No code can be sent now'],
    [new Error('broken'), 'HELD', { reason: 'error' }, 'broken'],
  ] as [Outcome | Error, string, ...unknown[]][]) {
    it(`answers at the same time as always, with a code that is ${begins}, after ${JSON.stringify(outcome)}`, async () => {
      send = async () => (outcome instanceof Error ? Promise.reject(outcome) : outcome);
      const { text } = await created(eventOf(name()));
      assert.equal(text.slice(0, 4), begins);
      assert.equal(sent.length, 1);
      assert.deepEqual(noted, logged.length > 0 ? [['error', 'code not sent', ...logged]] : []);
    });
  }

  for (const [reason, attributes, more] of [
    ['no_phone', { sub: 'x' }, {}],
    ['no_phone', { ...ATTRIBUTES, phone_number: '' }, {}],
    ['phone_not_verified', { ...ATTRIBUTES, phone_number_verified: 'false' }, {}],
    ['user_not_found', ATTRIBUTES, { userNotFound: true }],
  ] as [string, StringMap, object][]) {
    it(`answers at the same time as always, and writes ${reason} without a name`, async () => {
      const event = eventOf(name(), attributes, more);
      assert.match((await created(event)).text, /^HELD-/);
      assert.deepEqual(sent, []);
      const recipient = attributes['phone_number'] ? '+7903•••4567' : undefined;
      assert.deepEqual(noted, [['info', 'code not sent', { reason, user: userOf(event), recipient }]]);
    });
  }

  it('sends to a number that is verified, however that is written', async () => {
    for (const [expected, values] of [
      [1, ['true', 'True', ' TRUE ', true]],
      [0, ['False', '', 'yes', '1', false, undefined]],
    ] as const) {
      for (const verified of values) {
        sent = [];
        await created(eventOf(name(), { ...ATTRIBUTES, phone_number_verified: verified as string }));
        assert.equal(sent.length, expected, String(verified));
      }
    }
  });

  it('answers at the same time also while the table cannot be asked, and sends nothing', async () => {
    standIn.choose = (_, { key }) => (key.startsWith('answers#') ? 'server_error' : undefined);
    tableTime = 100; // the table is asked until then
    const { text } = await created(eventOf(name()));
    standIn.choose = undefined;
    assert.match(text, /^HELD-/);
    assert.deepEqual(sent, []);
    const [[level, message, fields] = [], ...others] = noted;
    assert.deepEqual([level, message, fields], ['error', 'code not sent', { reason: 'table_unavailable' }]);
    assert.deepEqual(others, [['refused', 'table_unavailable']]);
  });

  it('lets a send end at the deadline, where that is before the answer', async () => {
    (await untilItWaits(create(eventOf(name()), NOW + 900))).end();
    assert.equal(sent[0]?.deadline, NOW + 900);
  });

  it('answers at that time although the send has not ended, and counts nothing as sent', async () => {
    send = () => new Promise(() => undefined); // a release that the table keeps waiting
    const challenge = create(eventOf(name()), NOW + 50, 50);
    const { until, end } = await untilItWaits(challenge);
    assert.equal(until, NOW + 50);
    end();
    assert.match((await challenge).challengeMetadata, /^HELD-/);
  });

  it('keeps the code after a wrong answer until it expires, and answers at once where it sends nothing', async () => {
    const userName = name();
    const { text: challengeMetadata } = await created(eventOf(userName));
    const session = [{ challengeName: 'CUSTOM_CHALLENGE', challengeResult: false, challengeMetadata }];
    const next = eventOf(userName, ATTRIBUTES, { session });
    const expiresAt = Number(/\d{13}$/.exec(challengeMetadata)?.[0]);
    mock.timers.setTime(expiresAt - 1);
    assert.equal((await create(next)).challengeMetadata, challengeMetadata);
    assert.equal(sent.length, 1);
    mock.timers.setTime(expiresAt);
    assert.notEqual((await created(next)).text, challengeMetadata);
  });

  it('asks for the same code for 30 seconds, and then for another', async () => {
    const event = eventOf(name());
    const { text: first } = await created(event);
    mock.timers.setTime(NOW + 29_999);
    assert.equal((await created(event)).text, first);
    mock.timers.setTime(NOW + 30_000);
    assert.notEqual((await created(event)).text, first);
    const keys = sent.map(({ idempotency }) => idempotency?.key);
    assert.equal(keys[1], keys[0], 'a repeat is one for the guard too');
    assert.notEqual(keys[2], keys[0]);
  });

  it('asks for the message with all that a text may name, known by pool, user, number and code', async () => {
    const userName = name();
    const event = eventOf(userName, ATTRIBUTES, { clientMetadata: { locale: 'en' } });
    const { text, id } = await created(event);
    const code = /\d{6}/.exec(text)?.[0] ?? '';
    const { phone_number: recipient } = ATTRIBUTES;
    assert.deepEqual(sent, [
      {
        platform: 'cognito',
        recipient,
        usageType: 'SignIn',
        locale: 'en',
        variables: { code, username: userName, user: ATTRIBUTES },
        idempotency: {
          key: JSON.stringify([POOL_ID, userName, recipient, text.replace('SENT', 'HELD')]),
          ttlS: 60,
        },
        guardRequired: true,
        deadline: NOW + ANSWER_TIME - 500,
      },
    ]);
    assert.match(id, /^[0-9a-f-]{36}$/);
    assert.deepEqual(noted, []);
  });

  it('takes the locale of the user where the client names none', async () => {
    for (const clientMetadata of [undefined, {}, { locale: '' }]) {
      await created(eventOf(name(), { ...ATTRIBUTES, locale: 'ru' }, { clientMetadata }));
      assert.equal(sent.at(-1)?.locale, 'ru');
    }
    await created(eventOf(name(), { phone_number: '+79031234567', phone_number_verified: 'true' }));
    assert.deepEqual([sent.length, sent.at(-1)?.locale], [4, undefined]);
  });

  it('shares a code between equal questions only', async () => {
    const userName = name();
    const attributes = (phone_number: string) => ({ ...ATTRIBUTES, phone_number });
    const over = { challengeName: 'CUSTOM_CHALLENGE', challengeResult: false };
    const opened = { challengeName: 'SRP_A', challengeResult: true, challengeMetadata: null };
    const events = [
      eventOf(userName),
      eventOf(userName, attributes('+79031234568')),
      eventOf(userName, ATTRIBUTES, { session: [over] }),
      eventOf(userName, ATTRIBUTES, { session: [over, over] }),
      eventOf(userName, ATTRIBUTES, { session: [{ ...over, challengeMetadata: 'x' }] }),
      eventOf(userName, ATTRIBUTES, { session: [over, { ...over, challengeMetadata: 'x' }] }),
      eventOf(name()),
      eventOf(userName, ATTRIBUTES, { userPoolId: 'eu-central-1_Other0000' }),
      eventOf(name(), {}, { userNotFound: true }),
    ];
    const codes = [];
    for (const event of events) codes.push((await created(event)).text);
    assert.equal(new Set(codes).size, events.length);
    for (const [index, event] of events.entries()) {
      assert.equal((await created(event)).text, codes[index]);
    }
    // The iOS SDK puts a step of Cognito's before them.
    const { text: challengeMetadata } = await created(eventOf(userName, ATTRIBUTES, { session: [opened] }));
    assert.equal(challengeMetadata, codes[0]);
  });

  it('takes members that are null or missing, and shows two digits all the same', async () => {
    for (const event of [
      { ...eventOf('x'), userName: null, request: { session: null, userAttributes: null } },
      { ...eventOf('x'), userName: undefined, request: {} },
      eventOf(name(), { ...ATTRIBUTES, phone_number: 79031234567 as never }),
    ]) {
      assert.match((await created(event as CreateEvent)).text, /^HELD-/);
    }
    assert.deepEqual(sent, []);
  });

  it('sends nothing after too many wrong answers', async () => {
    const event = eventOf(name());
    const user = userOf(event);
    const limits = { wrongAnswersPerHour: 100, wrongAnswersPerDay: 100 };
    const answers = new WrongAnswers(standIn.open(), limits);
    for (let index = 0; index < 10; index += 1) {
      const wrong = answerOf(keyedHash('test-hash-key'), '1', String(index), `code ${index}`);
      await answers.judge(user, { ...wrong, right: false }, NOW);
    }
    await created(event);
    const reason = 'wrong_answers_hour';
    assert.deepEqual(sent, []);
    assert.deepEqual(noted, [
      ['warn', 'code not sent', { reason, user, recipient: '+7903•••4567' }],
      ['refused', reason],
    ]);
  });

  it('has the whole deadline for the send, and answers as soon as possible, where no time is set', async () => {
    const challenge = create(eventOf(name()), NOW + 5_000, 0);
    const { until, end } = await untilItWaits(challenge);
    assert.equal(until, NOW);
    end();
    assert.match((await challenge).challengeMetadata, /^SENT-/);
    assert.equal(sent[0]?.deadline, NOW + 5_000);
  });
});
