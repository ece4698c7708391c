import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { escapeBraces } from '../../lib/config/parameters.ts';
import { type Kms, startKms } from '../../local/kms.ts';
import { encryptCode, POOL_ID, type SenderEventOptions, senderEvent } from '../support/cognito.ts';
import { CONNECTOR, type Stack, startStack } from '../support/stack.ts';

describe("Cognito's custom SMS sender, with real ciphertexts", () => {
  let kms: Kms;
  let keyArn: string;
  let stack: Stack;
  let numbers = 0;
  before(async () => {
    kms = await startKms();
    keyArn = kms.createKey();
    stack = await startStack({
      function: 'cognito-sms-sender',
      guard: true,
      prepare: (store) => {
        const french = { usageType: 'SignIn', locale: 'fr', content: '{{user.custom:site}}: {{code}}' };
        const templates = JSON.stringify([...CONNECTOR.templates, french]);
        store.put('/smsaero/test/templates', escapeBraces(templates));
      },
      environment: {
        SMSAERO_COGNITO_KEY_ARN: keyArn,
        SMSAERO_GUARD_TIMEOUT_MS: '2000',
        SMSAERO_DEADLINE_MS: '500', // of the handlers that somebody waits for: this one has 8 s
        SMSAERO_LIMIT_RECIPIENT_INTERVAL_S: '3', // the usual 30 s, made short for the test
        SMSAERO_LIMIT_RECIPIENT_10_MINUTES: '2',
        AWS_ENDPOINT_URL_KMS: kms.url,
      },
    });
  });
  after(async () => {
    await stack.close();
    await kms.close();
  });
  beforeEach(() => {
    for (const gate of stack.gates) gate.faults.clear();
  });

  /** A verified number in a block of its own. */
  const attributes = () => {
    numbers += 1;
    return {
      phone_number: `+7903${String(numbers).padStart(4, '0')}001`,
      phone_number_verified: 'true',
      locale: 'ru',
    };
  };
  const encrypt = (code: string) => encryptCode(code, { keyArn, kmsUrl: kms.url, userPoolId: POOL_ID });
  const event = async (code: string, options: SenderEventOptions = {}) =>
    senderEvent({ attributes: attributes(), code: await encrypt(code), ...options });
  const invoke = (sent: object) => stack.hook.invoke(sent) as Promise<unknown>;
  const newest = () => stack.account.messages()[0];
  const arrived = () => stack.account.ledger.length;
  const refused = () => stack.hook.metrics().filter(({ name }) => name === 'Refused').length;

  it('sends a code by the template of its trigger', async () => {
    await invoke(await event('482913', { triggerSource: 'CustomSMSSender_SignUp' }));
    assert.equal(newest()?.text, 'Код для регистрации: 482913');
    const user = { ...attributes(), locale: 'fr', 'custom:site': 'Лавка' };
    await invoke(await event('111222', { attributes: user }));
    assert.equal(newest()?.text, 'Лавка: 111222');
    await invoke(await event('evil.com @x #1', { triggerSource: 'CustomSMSSender_AdminCreateUser' }));
    assert.equal(newest()?.text, 'Ваш код: evil.com @x #1', 'a temporary password goes out as it is');
  });

  it('throws after a failure, so that Lambda tries again, and is then sent once', async () => {
    const sent = await event('482913');
    stack.gates[0]?.faults.order({ fault: 'no_money' });
    await assert.rejects(invoke(sent), /The message was not sent: no_money/);
    assert.equal(stack.hook.logs().at(-1)?.['message'], 'event not handled');
    await invoke(sent);
    const after = arrived();
    await invoke(sent);
    assert.equal(arrived(), after);
  });

  it('waits for a late answer, since nobody waits for its own', async () => {
    stack.gates[0]?.faults.order({ fault: 'late_answer', delayMs: 800 });
    await invoke(await event('482913'));
    assert.equal(stack.hook.logs().at(-1)?.['outcome'], 'accepted');
  });

  it('is tried again, and counted as no refusal, where a second code comes right behind the first', async () => {
    const user = { attributes: attributes() };
    await invoke(await event('111222', user)); // a sign-up, and its second factor
    const [second, before] = [await event('333444', user), arrived()];
    let thrown = 0;
    for (; ; thrown += 1) {
      const error = await invoke(second).then(
        () => undefined,
        (reason: Error) => reason,
      );
      if (!error) break;
      assert.match(error.message, /The message was not sent: rate_exceeded/);
      await sleep(200);
    }
    assert.ok(thrown > 0);
    await invoke(second);
    assert.deepEqual([newest()?.text.includes('333444'), arrived()], [true, before + 1]);
    assert.equal(refused(), 0);

    await invoke(await event('555666', user)); // the limit of 10 minutes lasts
    assert.equal(arrived(), before + 1);
    const { reason, limit, retryAfter } = stack.hook.logs().at(-1) ?? {};
    assert.deepEqual([reason, limit, Number(retryAfter) > 120], ['rate_exceeded', 'recipient', true]);
    assert.equal(refused(), 2, 'by service, and by reason');
  });

  it('shows no code, number, name or ciphertext anywhere', async () => {
    const code = await encrypt('482913');
    const user = { ...attributes(), name: 'Анна Каренина' };
    kms.fail('throttle', 1);
    await invoke(senderEvent({ attributes: user, userName: 'anna-k', code })).catch(() => undefined);
    stack.table.choose = () => 'server_error';
    const unguarded = await event('482913');
    await assert.rejects(invoke(unguarded), /guard_unavailable/); // it is called again
    stack.table.choose = undefined;
    const output = stack.hook.output();
    for (const secret of ['4829', code.slice(0, 60), 'Анна', 'anna-k', CONNECTOR.apiKey, '0001001']) {
      assert.ok(!output.includes(secret), secret);
    }
  });
});
