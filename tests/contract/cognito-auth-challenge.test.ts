import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import fc from 'fast-check';
import {
  ATTRIBUTES,
  createEvent,
  createPool,
  defineEvent,
  type PoolOptions,
  type StringMap,
  verifyEvent,
} from '../support/cognito.ts';
import { startFunction } from '../support/function.ts';
import { CONNECTOR, type Stack, startStack } from '../support/stack.ts';

const environment = {
  SMSAERO_GUARD_TIMEOUT_MS: '2000',
  SMSAERO_LIMIT_TOTAL_HOUR: '0',
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

  it('takes both spellings of the Verify trigger', async () => {
    const { signIn } = person({}, { verifySource: 'VerifyAuthChallenge_Authentication' });
    assert.deepEqual(await (await signIn()).respond(sentCode()), { status: 'tokens' });
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
    assert.deepEqual(second.privateParameters, first.privateParameters);
    assert.deepEqual(await second.respond(sentCode()), { status: 'tokens' });
  });

  it('gives one code to three sign-ins at most: nobody can guess at it in a thousand', async () => {
    const { pool, name } = person();
    const codes: (string | undefined)[] = [];
    const before = sent();
    for (let index = 0; index < 8; index += 1) {
      const { started, privateParameters } = await pool.initiateAuth(name);
      assert.equal(started.status, 'challenge');
      codes.push(privateParameters['code']);
    }
    assert.equal(sent(), before + 1);
    assert.deepEqual(
      codes.map((code) => code === codes[0]),
      [true, true, true, false, false, false, false, false],
    );
  });

  it('does not share a code between pools, users or numbers', async () => {
    const { phone } = person();
    const ask = async (changes: object, number = phone) => {
      const event = createEvent({
        userName: 'shared',
        attributes: { ...ATTRIBUTES, phone_number: number },
        ...changes,
      });
      return ((await invoke(event)) as { response: { challengeMetadata: string } }).response
        .challengeMetadata;
    };
    const first = await ask({});
    assert.equal(await ask({}), first);
    assert.notEqual(await ask({ userPoolId: 'eu-central-1_Other0000' }), first);
    assert.notEqual(await ask({ userName: 'another' }), first);
    const before = sent();
    assert.notEqual(await ask({}, person().phone), first);
    assert.equal(sent(), before + 1);
  });

  it('refuses a code after five minutes, and asks anew', async () => {
    const expired = `CODE-482913-${Date.now() - 1}`;
    const verified = (await invoke(
      verifyEvent({ privateChallengeParameters: { code: expired }, challengeAnswer: '482913' }),
    )) as { response: object };
    assert.deepEqual(verified.response, { answerCorrect: false });

    const { phone } = person();
    const before = sent();
    const session = [
      { challengeName: 'CUSTOM_CHALLENGE', challengeResult: false, challengeMetadata: expired },
    ];
    const created = (await invoke(
      createEvent({ session, userName: 'late', attributes: { ...ATTRIBUTES, phone_number: phone } }),
    )) as { response: { challengeMetadata: string } };
    assert.equal(sent(), before + 1);
    assert.notEqual(created.response.challengeMetadata, expired);
    assert.ok(created.response.challengeMetadata.includes(sentCode()));
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

    it('an unknown user by an outage that a known one has met', async () => {
      stack.gates[0]?.faults.order({ fault: 'no_money' });
      await assert.rejects(person().signIn(), /The code could not be sent/);
      await assert.rejects(person().pool.initiateAuth('nobody'), /The code could not be sent/);
      await person().signIn(); // messages go out again
      assert.equal((await person().pool.initiateAuth('nobody')).started.status, 'challenge');
    });

    it('an unknown user even the code', async () => {
      const conversation = await person().pool.initiateAuth('nobody');
      const code = /CODE-(\d{6})/.exec(conversation.privateParameters['code'] ?? '')?.[1] ?? '';
      assert.match(code, /^\d{6}$/);
      assert.equal((await conversation.respond(code)).status, 'challenge');
    });

    it('anything in an error but one neutral sentence', async () => {
      for (const fault of ['no_money', 'unauthorized', 'rate_limited'] as const) {
        stack.gates[0]?.faults.order({ fault, times: 2 });
        await assert.rejects(person().signIn(), {
          message:
            /CreateAuthChallenge failed with error (Error: )?The code could not be sent\. Try again in a moment\.\.?$/,
        });
      }
      stack.gates[0]?.faults.clear();
      await person().signIn(); // messages go out again
      for (const odd of [{}, null, { triggerSource: 'PreSignUp_SignUp' }, defineEvent({ userPoolId: '' })]) {
        await assert.rejects(invoke(odd), /The code could not be sent\. Try again in a moment\./);
      }
    });
  });

  it('goes on when it is not known whether the message was sent', async () => {
    stack.gates[0]?.faults.order({ fault: 'reset_after_acceptance' });
    const conversation = await person().signIn();
    assert.equal(conversation.started.status, 'challenge');
    assert.deepEqual(await conversation.respond(sentCode()), { status: 'tokens' });
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
      { numRuns: 25 },
    );
  });

  it('writes nothing of a code, a number, a name or a text', () => {
    const output = stack.hook.output();
    for (const { text, number } of stack.account.messages()) {
      assert.ok(!output.includes(/\d{6}/.exec(text)?.[0] ?? text), 'a code');
      assert.ok(!output.includes(number.slice(1)), 'a number');
    }
    assert.doesNotMatch(output, /anna-\d|nobody|CODE-/);
    assert.ok(!output.includes(CONNECTOR.apiKey));
  });
});
