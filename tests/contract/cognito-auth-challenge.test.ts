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
  type Trigger,
  verifyEvent,
} from '../support/cognito.ts';
import { startFunction } from '../support/function.ts';
import { CONNECTOR, type Stack, startStack, TIME_ENOUGH } from '../support/stack.ts';

const environment = {
  ...TIME_ENOUGH.environment,
  SMSAERO_LIMIT_TOTAL_HOUR: '0',
  SMSAERO_CHALLENGE_TIME_MS: '0', // that every answer comes at the same time is a test of create.ts
};
const TOKENS = { status: 'tokens' };

describe('Sign-in by code, as a Cognito user pool plays it', () => {
  let stack: Stack;
  let users = 0;
  before(async () => {
    stack = await startStack({
      function: 'cognito-auth-challenge',
      guard: true,
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
    return { name, phone, signIn: () => pool.initiateAuth(name) };
  }
  const stranger = (name: string) => createPool({ invoke }).initiateAuth(name);
  const newest = () => stack.account.messages()[0];
  const sentCode = () => /\d{6}/.exec(newest()?.text ?? '')?.[0] ?? '';
  const sent = () => stack.account.ledger.length;
  const wrong = (code: string) => String((Number(code) + 1) % 1_000_000).padStart(6, '0');
  const logged = (message: string) => stack.hook.logs().filter((line) => line['message'] === message);

  it('sends a code, shows the client two digits of the phone, and gives tokens for the code', async () => {
    const { signIn, phone, name } = person();
    const before = sent();
    const conversation = await signIn();
    const publicParameters = { phone: `•••••••••${phone.slice(-2)}`, USERNAME: name };
    assert.deepEqual(conversation.started, { status: 'challenge', publicParameters });
    assert.equal(sent(), before + 1);
    assert.equal(newest()?.number, phone.slice(1));
    assert.equal(newest()?.text, `Код для входа: ${sentCode()}. Никому его не сообщайте.`);
    assert.deepEqual(await conversation.respond(sentCode()), TOKENS);
  });

  it('sends once when a repeat meets another process', async () => {
    const other = await startFunction('cognito-auth-challenge', {
      SMSAERO_CONFIG_PATH: '/smsaero/test',
      SMSAERO_GATES: stack.gates[0]?.url ?? '',
      SMSAERO_TABLE: 'smsaero-test',
      AWS_ENDPOINT_URL_SSM: stack.parameters.url,
      AWS_ENDPOINT_URL_DYNAMODB: stack.table.url,
      ...environment,
    });
    let calls = 0;
    const byTurns = (event: unknown) => {
      calls += 1;
      return (calls % 2 === 0 ? stack.hook : other).invoke(event);
    };
    const before = sent();
    const times = (trigger: string) => (trigger === 'create' ? 2 : 1);
    const conversation = await person({}, { invoke: byTurns, times, overlap: true }).signIn();
    assert.equal(sent(), before + 1);
    assert.deepEqual(await conversation.respond(sentCode()), TOKENS);
    await other.close();
  });

  it('looks the same to a known user, an unknown one, one without a verified phone, and in an outage', async () => {
    const shapeOf = async (conversation: Conversation) => {
      const steps = [conversation.started];
      for (let index = 0; index < 3; index += 1) steps.push(await conversation.respond('000000'));
      return steps.map((step) => ({ ...step, publicParameters: undefined }));
    };
    const usual = await shapeOf(await person().signIn());
    const before = sent();
    const unknown = await stranger('nobody');
    assert.match(JSON.stringify(unknown.started), /"phone":"•{9}\d\d"/);
    assert.deepEqual(await shapeOf(unknown), usual);
    const strange = [
      { phone_number_verified: 'false' },
      { phone_number: '' },
      { phone_number: '+375291234567' },
    ];
    for (const attributes of strange) {
      assert.deepEqual(await shapeOf(await person(attributes).signIn()), usual, JSON.stringify(attributes));
    }
    assert.equal(sent(), before);
    stack.gates[0]?.faults.order({ fault: 'unauthorized', times: 2 });
    assert.deepEqual(await shapeOf(await person().signIn()), usual);
    assert.equal(logged('code not sent').at(-1)?.['level'], 'ERROR');
  });

  it('takes no code that was not sent, even if it is guessed, and takes it once it is', async () => {
    const { signIn } = person();
    stack.gates[0]?.faults.order({ fault: 'no_money' });
    const conversation = await signIn();
    const [digits = ''] = /\d{6}/.exec(conversation.privateParameters['code'] ?? '') ?? [];
    assert.equal((await conversation.respond(digits)).status, 'challenge');
    assert.equal((await conversation.respond(digits)).status, 'challenge', 'the next challenge knows it too');
    assert.deepEqual(await (await signIn()).respond(sentCode()), TOKENS);
  });

  it('limits wrong answers to ten an hour over all sign-ins, also of an unknown user', async () => {
    for (const userName of ['nobody-who-guesses', 'Nobody-Who-Guesses']) {
      for (let index = 0; index < 2; index += 1) {
        const conversation = await stranger(userName);
        for (const answer of ['000000', '000001', '000002']) await conversation.respond(answer);
      }
    }
    assert.equal(logged('answer refused').at(-1)?.['reason'], 'wrong_answers_hour');
    assert.ok(stack.hook.metrics().some(({ reason }) => reason === 'wrong_answers_hour'));
  });

  it('has one neutral sentence for every error', async () => {
    const neutral = /The code could not be sent\. Try again in a moment\./;
    for (const odd of [{}, null, { triggerSource: 'PreSignUp_SignUp' }, defineEvent({ userPoolId: '' })]) {
      await assert.rejects(invoke(odd), neutral);
    }
    const variables = { SMSAERO_CONFIG_PATH: '/smsaero/test', AWS_ENDPOINT_URL_SSM: stack.parameters.url };
    const withoutTable = await startFunction('cognito-auth-challenge', variables);
    for (const event of [defineEvent(), createEvent(), verifyEvent()]) {
      await assert.rejects(withoutTable.invoke(event), neutral);
    }
    assert.match(withoutTable.output(), /SMSAERO_TABLE is missing/);
    await withoutTable.close();
  });

  it('gives tokens exactly for the right answer within three tries, whatever is answered and repeated', async () => {
    const answers = fc.array(fc.constantFrom('right', 'wrong', 'empty', 'odd'), {
      minLength: 1,
      maxLength: 4,
    });
    const calls = fc.integer({ min: 1, max: 3 });
    const repeats = fc.record({ define: calls, create: calls, verify: calls });
    const opened = fc.constantFrom([], ['SRP_A'], ['SRP_A', 'PASSWORD_VERIFIER']);
    await fc.assert(
      fc.asyncProperty(answers, repeats, opened, fc.boolean(), async (given, times, openedWith, overlap) => {
        const before = sent();
        const options = { times: (trigger: Trigger) => times[trigger], openedWith, overlap };
        const conversation = await person({}, options).signIn();
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
      {
        numRuns: 6,
        examples: [
          [['wrong', 'empty', 'right'], { define: 3, create: 3, verify: 3 }, ['SRP_A'], true],
          [['wrong', 'odd', 'wrong', 'right'], { define: 1, create: 1, verify: 1 }, [], false],
        ],
      },
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
