import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import fc from 'fast-check';
import {
  ATTRIBUTES,
  type Conversation,
  createEvent,
  createPool,
  defineEvent,
  type PoolOptions,
  type StringMap,
  verifyEvent,
} from '../support/cognito.ts';
import { startFunction } from '../support/function.ts';
import { CONNECTOR, type Stack, startStack, TIME_ENOUGH } from '../support/stack.ts';

const environment = {
  ...TIME_ENOUGH.environment,
  SMSAERO_LIMIT_TOTAL_HOUR: '0',
  SMSAERO_CHALLENGE_TIME_MS: '0', // that every answer comes at the same time is a test of create.ts
};

describe('Sign-in by code, as a Cognito user pool plays it', () => {
  let stack: Stack;
  let users = 0;
  before(async () => {
    stack = await startStack({
      function: 'cognito-auth-challenge',
      guard: true,
      plainHttp: true,
      gates: 1,
      ...TIME_ENOUGH,
      environment,
    });
    stack.account.balance = 1e6;
  });
  after(() => stack.close());
  beforeEach(() => stack.gates[0]?.faults.clear());

  const invoke = (event: unknown) => stack.hook.invoke(event) as Promise<unknown>;
  /** A pool with one user of its own name and number. */
  function person(attributes: StringMap = {}, options: Partial<PoolOptions> = {}) {
    users += 1;
    const name = `anna-${users}`;
    const phone = `+7903${String(users).padStart(4, '0')}0${String(users % 100).padStart(2, '0')}`;
    const user = { ...ATTRIBUTES, phone_number: phone, ...attributes };
    const pool = createPool({ invoke, users: { [name]: user }, ...options });
    return { pool, name, phone, signIn: () => pool.initiateAuth(name) };
  }
  const newest = () => stack.account.messages()[0];
  const sentCode = () => /\d{6}/.exec(newest()?.text ?? '')?.[0] ?? '';
  const sent = () => stack.account.ledger.length;
  const wrong = (code: string) => String((Number(code) + 1) % 1_000_000).padStart(6, '0');
  const logged = (message: string) => stack.hook.logs().filter((line) => line['message'] === message);
  /** The digits of a challenge, sent or not, as nobody but the triggers sees them. */
  const digitsOf = ({ privateParameters }: Conversation) =>
    /CODE-(\d{6})/.exec(privateParameters['code'] ?? '')?.[1] ?? assert.fail('there is no code');

  it('sends a code and gives tokens for it', async () => {
    const { signIn, phone } = person();
    const before = sent();
    const conversation = await signIn();
    assert.equal(sent(), before + 1);
    assert.equal(newest()?.number, phone.slice(1));
    assert.equal(newest()?.text, `Код для входа: ${sentCode()}. Никому его не сообщайте.`);
    assert.deepEqual(await conversation.respond(sentCode()), { status: 'tokens' });
  });

  it('shows two digits of the phone, and no code, to the client', async () => {
    const { signIn, phone, name } = person();
    const { started } = await signIn();
    assert.deepEqual(started, {
      status: 'challenge',
      publicParameters: { phone: `•••••••••${phone.slice(-2)}`, USERNAME: name },
    });
  });

  it('keeps the code after a wrong answer and sends nothing; three wrong ones end it', async () => {
    const { signIn } = person();
    const conversation = await signIn();
    const before = sent();
    assert.equal((await conversation.respond(wrong(sentCode()))).status, 'challenge');
    assert.equal((await conversation.respond('')).status, 'challenge');
    assert.equal((await conversation.respond('nonsense')).status, 'failed');
    assert.equal(sent(), before);

    const second = await person().signIn();
    await second.respond(wrong(sentCode()));
    await second.respond(wrong(sentCode()));
    assert.deepEqual(await second.respond(sentCode()), { status: 'tokens' });
  });

  for (const overlap of [false, true]) {
    it(`sends once when Cognito calls three times${overlap ? ' at the same time' : ''}, and that code is right`, async () => {
      const { signIn } = person({}, { times: (trigger) => (trigger === 'create' ? 3 : 1), overlap });
      const before = sent();
      const conversation = await signIn();
      assert.equal(sent(), before + 1);
      assert.deepEqual(await conversation.respond(sentCode()), { status: 'tokens' });
    });
  }

  it('sends once when the repeats meet a process of their own, after a cold start', async () => {
    const cold = async (event: unknown) => {
      const other = await startFunction('cognito-auth-challenge', {
        SMSAERO_CONFIG_PATH: '/smsaero/test',
        SMSAERO_GATES: stack.gates[0]?.url ?? '',
        SMSAERO_TABLE: 'smsaero-test',
        AWS_ENDPOINT_URL_SSM: stack.parameters.url,
        AWS_ENDPOINT_URL_DYNAMODB: stack.table.url,
        ...environment,
      });
      const answer = await other.invoke(event);
      await other.close();
      return answer;
    };
    const { signIn } = person({}, { invoke: cold, times: (trigger) => (trigger === 'create' ? 2 : 1) });
    const before = sent();
    const conversation = await signIn();
    assert.equal(sent(), before + 1);
    assert.deepEqual(await conversation.respond(sentCode()), { status: 'tokens' });
  });

  it('gives the code that is on its way to somebody who starts anew at once', async () => {
    const { pool, name } = person();
    const first = await pool.initiateAuth(name);
    const before = sent();
    const second = await pool.initiateAuth(name);
    assert.equal(sent(), before);
    assert.equal(second.privateParameters['code'], first.privateParameters['code']);
    assert.deepEqual(await second.respond(sentCode()), { status: 'tokens' });
  });

  it('gives one code three wrong answers in all, however many sign-ins share it', async () => {
    const { pool, name } = person();
    const before = sent();
    const conversations = [];
    for (let index = 0; index < 8; index += 1) conversations.push(await pool.initiateAuth(name));
    assert.equal(sent(), before + 1);
    assert.equal(new Set(conversations.map(({ privateParameters }) => privateParameters['code'])).size, 1);

    const code = sentCode();
    for (const conversation of conversations.slice(0, 3)) await conversation.respond(wrong(code));
    const [, , , fourth] = conversations;
    assert.equal((await fourth?.respond(code))?.status, 'challenge');
    assert.equal(logged('answer refused').at(-1)?.['reason'], 'wrong_answers_code');
  });

  it('takes a code once, however many sign-ins share it', async () => {
    const { pool, name } = person();
    const before = sent();
    const [first, second] = [await pool.initiateAuth(name), await pool.initiateAuth(name)];
    assert.equal(sent(), before + 1);
    assert.deepEqual(await first.respond(sentCode()), { status: 'tokens' });
    assert.equal((await second.respond(sentCode())).status, 'challenge');
    assert.equal(logged('answer refused').at(-1)?.['reason'], 'code_used');
  });

  it('shares a code with a sign-in that opens with a step of Cognito’s', async () => {
    const { phone } = person();
    const ask = async (session: object[]) => {
      const attributes = { ...ATTRIBUTES, phone_number: phone };
      const event = createEvent({ userName: `ios-${phone}`, attributes, session } as never);
      const answer = (await invoke(event)) as { response: { challengeMetadata: string } };
      return answer.response.challengeMetadata;
    };
    const step = { challengeName: 'SRP_A', challengeResult: true, challengeMetadata: null };
    assert.equal(await ask([step]), await ask([]));
  });

  it('sends nothing while only a part of the table can be asked', async () => {
    const { pool, name } = person();
    const before = sent();
    stack.table.choose = (_, { key }) =>
      /^(message|recipient|block|total)#/.test(key) ? 'throttle' : undefined;
    const conversation = await pool.initiateAuth(name);
    stack.table.choose = undefined;
    assert.equal(sent(), before);
    assert.match(String(conversation.privateParameters['code']), /^HELD-/);
  });

  describe('does not tell', () => {
    const shapeOf = async (conversation: Awaited<ReturnType<ReturnType<typeof person>['signIn']>>) => {
      const steps = [conversation.started];
      for (let index = 0; index < 3; index += 1) steps.push(await conversation.respond('000000'));
      return JSON.stringify(steps.map((step) => ({ ...step, publicParameters: undefined })));
    };

    it('an unknown user, or one without a verified phone, from a known one; and sends them nothing', async () => {
      const known = await shapeOf(await person().signIn());
      const before = sent();
      const nobody = person();
      const unknown = await nobody.pool.initiateAuth('nobody');
      assert.match(
        unknown.started.status === 'challenge' ? (unknown.started.publicParameters['phone'] ?? '') : '',
        /^•{9}\d\d$/,
      );
      assert.equal(await shapeOf(unknown), known);
      for (const attributes of [
        { phone_number_verified: 'false' },
        { phone_number: '' },
        { phone_number: '+74951234567' },
        { phone_number: '+375291234567' },
      ]) {
        assert.equal(await shapeOf(await person(attributes).signIn()), known, JSON.stringify(attributes));
      }
      assert.equal(sent(), before);
    });

    it('an unknown user by what happens when asked again', async () => {
      for (const userName of [person().name, 'nobody-again']) {
        const { pool } = person();
        const known = createPool({
          invoke,
          users: { [userName]: { ...ATTRIBUTES, phone_number: '+79261112233' } },
        });
        for (const either of [pool, known]) {
          const first = await either.initiateAuth(userName);
          const second = await either.initiateAuth(userName);
          assert.deepEqual(second.started, first.started);
        }
      }
    });

    it('a known user who has been sent too many from an unknown one', async () => {
      const { pool, phone, name } = person();
      const other = person({ phone_number: phone });
      await other.signIn(); // takes the one place of half a minute
      const before = sent();
      const known = await pool.initiateAuth(name);
      const unknown = await pool.initiateAuth('nobody-else');
      assert.deepEqual([known.started.status, unknown.started.status], ['challenge', 'challenge']);
      assert.equal(sent(), before);
    });

    it('an unknown user by an outage that a known one meets', async () => {
      const usual = await shapeOf(await person().signIn());
      for (const fault of ['no_money', 'unauthorized', 'rate_limited', 'redirect'] as const) {
        stack.gates[0]?.faults.order({ fault, times: 2 });
        assert.equal(await shapeOf(await person().signIn()), usual, fault);
        assert.equal(logged('code not sent').at(-1)?.['level'], 'ERROR');
        stack.gates[0]?.faults.clear();
      }
      assert.equal(await shapeOf(await person().pool.initiateAuth('nobody-in-an-outage')), usual);
    });

    it('anything in an error but one neutral sentence', async () => {
      for (const odd of [{}, null, { triggerSource: 'PreSignUp_SignUp' }, defineEvent({ userPoolId: '' })]) {
        await assert.rejects(invoke(odd), /The code could not be sent\. Try again in a moment\./);
      }
    });
  });

  describe('does not take a code that nobody was sent', () => {
    /** Guesses rightly at a challenge: what only luck can do. */
    const refusesTheCode = async (conversation: Conversation) => {
      assert.equal((await conversation.respond(digitsOf(conversation))).status, 'challenge');
    };

    for (const [who, attributes] of [
      ['without a phone', { phone_number: '', phone_number_verified: 'false' }],
      ['with a number that is not verified', { phone_number_verified: 'false' }],
      ['with a landline', { phone_number: '+74951234567' }],
      ['of a country that is not allowed', { phone_number: '+375291234567' }],
      ['with a number that is none', { phone_number: 'none' }],
    ] as const) {
      it(`of a user ${who}`, async () => {
        const before = sent();
        const conversation = await person(attributes).signIn();
        await refusesTheCode(conversation);
        await refusesTheCode(conversation); // and the next challenge does not forget it
        assert.equal(sent(), before);
      });
    }

    it('of an unknown user', async () => refusesTheCode(await person().pool.initiateAuth('nobody')));

    it('of a user who has been sent too many', async () => {
      const { phone } = person();
      await person({ phone_number: phone }).signIn();
      const before = sent();
      await refusesTheCode(await person({ phone_number: phone }).signIn());
      assert.equal(sent(), before);
    });

    for (const fault of [
      ...['no_money', 'unauthorized', 'blacklisted', 'status_rejected', 'redirect'],
      'reset_after_acceptance', // it may have arrived, and nobody knows
      'bad_gateway_html',
    ] as const) {
      it(`after ${fault}`, async () => {
        stack.gates[0]?.faults.order({ fault, times: 2 });
        await refusesTheCode(await person().signIn());
      });
    }

    it('also where only its repeat asks, in whatever process', async () => {
      const { phone } = person();
      await person({ phone_number: phone }).signIn();
      const { signIn } = person(
        { phone_number: phone },
        { times: (trigger) => (trigger === 'create' ? 3 : 1) },
      );
      await refusesTheCode(await signIn());
    });

    it('and takes it once it is sent', async () => {
      const { pool, name } = person();
      stack.gates[0]?.faults.order({ fault: 'no_money' });
      await refusesTheCode(await pool.initiateAuth(name));
      const again = await pool.initiateAuth(name);
      assert.deepEqual(await again.respond(sentCode()), { status: 'tokens' });
    });
  });

  it('sends to a number that is verified, however that is written', async () => {
    for (const verified of ['true', 'True', 'TRUE', ' true ', true]) {
      const before = sent();
      const attributes = { phone_number_verified: verified as string };
      assert.deepEqual(await (await person(attributes).signIn()).respond(sentCode()), { status: 'tokens' });
      assert.equal(sent(), before + 1);
    }
    for (const verified of ['false', 'False', '', 'yes', '1', false]) {
      const before = sent();
      await person({ phone_number_verified: verified as string }).signIn();
      assert.equal(sent(), before);
    }
  });

  it('asks for the code after SRP_A, and after a password', async () => {
    for (const openedWith of [['SRP_A'], ['SRP_A', 'PASSWORD_VERIFIER']]) {
      const { signIn } = person({}, { openedWith });
      const conversation = await signIn();
      assert.equal((await conversation.respond(wrong(sentCode()))).status, 'challenge');
      assert.deepEqual(await conversation.respond(sentCode()), { status: 'tokens' });
    }
  });

  it('says in the log why nothing is sent, and no name', async () => {
    const reasons = async (signIn: () => Promise<unknown>) => {
      const before = logged('code not sent').length;
      await signIn();
      return logged('code not sent')
        .slice(before)
        .map(({ reason }) => reason);
    };
    assert.deepEqual(await reasons(() => person().pool.initiateAuth('nobody')), ['user_not_found']);
    assert.deepEqual(await reasons(person({ phone_number: '' }).signIn), ['no_phone']);
    assert.deepEqual(await reasons(person({ phone_number_verified: 'false' }).signIn), [
      'phone_not_verified',
    ]);
    assert.match(String(logged('code not sent').at(-1)?.['recipient']), /^\+7903•••\d{4}$/);
    await person({ phone_number: '+74951234567' }).signIn();
    assert.equal(logged('sms').at(-1)?.['reason'], 'invalid_recipient');
  });

  describe('limits wrong answers', () => {
    const counted = (reason: string) =>
      stack.hook.metrics().filter((metric) => metric.name === 'SignInRefused' && metric.reason === reason);

    it('to ten an hour over all sign-ins: then nothing is sent and nothing is right', async () => {
      const { phone, name, pool } = person();
      // Ten wrong answers over four codes: each sign-in with another number, so that each code is sent.
      let last: Conversation | undefined;
      let code = '';
      for (const [index, tries] of [3, 3, 3, 1].entries()) {
        const changed = { ...ATTRIBUTES, phone_number: `${phone.slice(0, -3)}9${index}0` };
        last = await createPool({ invoke, users: { [name]: changed } }).initiateAuth(name);
        code = sentCode();
        for (let step = 0; step < tries; step += 1) await last.respond(wrong(code));
      }
      const metrics = counted('wrong_answers_hour').length;
      assert.equal((await last?.respond(code))?.status, 'challenge', 'the right answer after ten wrong ones');
      assert.equal(logged('answer refused').at(-1)?.['reason'], 'wrong_answers_hour');
      assert.equal(counted('wrong_answers_hour').length, metrics + 1);

      const before = sent();
      const conversation = await pool.initiateAuth(name);
      assert.equal(conversation.started.status, 'challenge');
      assert.equal(sent(), before);
      assert.equal(logged('code not sent').at(-1)?.['reason'], 'wrong_answers_hour');
      assert.equal(counted('wrong_answers_hour').length, metrics + 2);
      assert.equal((await conversation.respond(digitsOf(conversation))).status, 'challenge');

      // Nobody else is locked out: another user, and this name in another pool.
      assert.deepEqual(await (await person().signIn()).respond(sentCode()), { status: 'tokens' });
      const elsewhere = createPool({
        invoke,
        users: { [name]: { ...ATTRIBUTES, phone_number: `${phone.slice(0, -3)}990` } },
        userPoolId: 'eu-central-1_Other0000',
      });
      assert.deepEqual(await (await elsewhere.initiateAuth(name)).respond(sentCode()), { status: 'tokens' });
    });

    it('also those to a code that was not sent, and of a user who is unknown', async () => {
      for (const userName of ['nobody-who-guesses', 'Nobody-Who-Guesses']) {
        const { pool } = person();
        for (let index = 0; index < 2; index += 1) {
          const conversation = await pool.initiateAuth(userName);
          for (const answer of ['000000', '000001', '000002']) await conversation.respond(answer);
        }
      }
      assert.equal(logged('answer refused').at(-1)?.['reason'], 'wrong_answers_hour');
    });

    it('not for a person who mistypes and signs in', async () => {
      const { name, phone } = person();
      for (let index = 0; index < 6; index += 1) {
        const changed = { ...ATTRIBUTES, phone_number: `${phone.slice(0, -3)}8${index}0` };
        const conversation = await createPool({ invoke, users: { [name]: changed } }).initiateAuth(name);
        await conversation.respond(wrong(sentCode()));
        assert.deepEqual(await conversation.respond(sentCode()), { status: 'tokens' });
      }
    });
  });

  describe('while the table cannot be asked', () => {
    after(() => {
      stack.table.choose = undefined;
    });

    it('takes no answer, and says so', async () => {
      const conversation = await person().signIn();
      const code = sentCode();
      stack.table.choose = () => 'server_error';
      assert.equal((await conversation.respond(code)).status, 'challenge');
      assert.equal(logged('answer refused').at(-1)?.['reason'], 'table_unavailable');
      assert.ok(stack.hook.metrics().some(({ reason }) => reason === 'table_unavailable'));
      stack.table.choose = undefined;
      assert.deepEqual(await conversation.respond(code), { status: 'tokens' });
    });

    it('sends nothing, to whom ever, and looks the same', async () => {
      stack.table.choose = () => 'server_error';
      const before = sent();
      const known = await person().signIn();
      const unknown = await person().pool.initiateAuth('nobody');
      assert.deepEqual([known.started.status, unknown.started.status], ['challenge', 'challenge']);
      assert.equal(sent(), before);
      assert.equal(logged('code not sent').at(-1)?.['reason'], 'table_unavailable');
      stack.table.choose = undefined;
    });

    it('does nothing without one', async () => {
      const variables = { SMSAERO_CONFIG_PATH: '/smsaero/test', AWS_ENDPOINT_URL_SSM: stack.parameters.url };
      const other = await startFunction('cognito-auth-challenge', variables);
      for (const event of [defineEvent(), createEvent(), verifyEvent()]) {
        await assert.rejects(other.invoke(event), /The code could not be sent\. Try again in a moment\./);
      }
      assert.match(other.output(), /SMSAERO_TABLE is missing/);
      await other.close();
    });
  });

  it('gives tokens exactly for the right answer within three tries, whatever is answered and repeated', async () => {
    const answers = fc.array(fc.constantFrom('right', 'wrong', 'empty', 'odd'), {
      minLength: 1,
      maxLength: 4,
    });
    const repeats = fc.record({
      define: fc.integer({ min: 1, max: 3 }),
      create: fc.integer({ min: 1, max: 3 }),
      verify: fc.integer({ min: 1, max: 3 }),
    });
    await fc.assert(
      fc.asyncProperty(answers, repeats, fc.boolean(), async (given, times, overlap) => {
        const before = sent();
        const { signIn } = person({}, { times: (trigger) => times[trigger], overlap });
        const conversation = await signIn();
        const code = sentCode();
        const text = { right: code, wrong: wrong(code), empty: '', odd: `${code}${code}` };
        let last = conversation.started;
        let tries = 0;
        for (const answer of given) {
          if (last.status !== 'challenge') break;
          tries += 1;
          last = await conversation.respond(text[answer]);
        }
        const right = given.slice(0, 3).indexOf('right');
        assert.equal(last.status, right >= 0 ? 'tokens' : tries === 3 ? 'failed' : 'challenge');
        assert.equal(sent(), before + 1);
      }),
      { numRuns: 15 },
    );
  });

  it('writes nothing of a code, a number, a name or a text', () => {
    const output = stack.hook.output();
    for (const { text, number } of stack.account.messages()) {
      const [code = text] = /\d{6}/.exec(text) ?? [];
      assert.doesNotMatch(output, new RegExp(`(?<!\\d)${code}(?!\\d)`), 'a code'); // a time of 13 digits may hold the same six
      assert.ok(!output.includes(number.slice(1)), 'a number');
    }
    assert.doesNotMatch(output, /anna-\d|nobody|CODE-/);
    assert.ok(!output.includes(CONNECTOR.apiKey));
  });
});
