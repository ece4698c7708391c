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
      gates: 1,
      prepare: (store) => {
        const french = { usageType: 'SignIn', locale: 'fr', content: '{{user.custom:site}}: {{code}}' };
        const templates = JSON.stringify([...CONNECTOR.templates, french]);
        store.put('/smsaero/test/templates', escapeBraces(templates));
      },
      environment: {
        SMSAERO_COGNITO_KEY_ARN: keyArn,
        SMSAERO_GUARD_TIMEOUT_MS: '2000',
        AWS_ENDPOINT_URL_KMS: kms.url,
      },
    });
  });
  after(async () => {
    await stack.close();
    await kms.close();
  });
  beforeEach(() => {
    kms.fail(undefined);
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
  const encrypt = (code: string, options: Partial<Parameters<typeof encryptCode>[1]> = {}) =>
    encryptCode(code, { keyArn, kmsUrl: kms.url, userPoolId: POOL_ID, ...options });
  const event = async (code: string, options: SenderEventOptions = {}) =>
    senderEvent({ attributes: attributes(), code: await encrypt(code), ...options });
  const invoke = (sent: object) => stack.hook.invoke(sent) as Promise<unknown>;
  const newest = () => stack.account.messages()[0];
  const arrived = () => stack.account.ledger.length;
  const lastLine = () => stack.hook.logs().at(-1) ?? {};

  for (const [trigger, text] of [
    ['SignUp', 'Код для регистрации: 482913'],
    ['ResendCode', 'Код для регистрации: 482913'],
    ['Authentication', 'Код для входа: 482913. Никому его не сообщайте.'],
    ['ForgotPassword', 'Код для смены пароля: 482913'],
    ['VerifyUserAttribute', 'Ваш код: 482913'],
    ['UpdateUserAttribute', 'Ваш код: 482913'],
    ['AdminCreateUser', 'Ваш код: 482913'],
    ['SomethingNew', 'Ваш код: 482913'],
  ] as const) {
    it(`sends the code of ${trigger}`, async () => {
      await invoke(await event('482913', { triggerSource: `CustomSMSSender_${trigger}` }));
      assert.equal(newest()?.text, text);
    });
  }

  it('fills in any attribute of the user, custom ones too', async () => {
    const sent = await event('111222', {
      attributes: { ...attributes(), locale: 'fr', 'custom:site': 'Лавка' },
    });
    await invoke(sent);
    assert.equal(newest()?.text, 'Лавка: 111222');
  });

  it('decrypts a message of format 2, which commits to its key and does not name the pool', async () => {
    await invoke(await event('482913', { code: await encrypt('482913', { suite: 0x0578 }) }));
    assert.match(newest()?.text ?? '', /482913/);
  });

  it('sends a temporary password exactly as it is, however long', async () => {
    const triggerSource = 'CustomSMSSender_AdminCreateUser';
    for (const password of ['Zz9#kq.', 'evil.com @x #1', `Aa1!${'я'.repeat(252)}`]) {
      await invoke(await event(password, { triggerSource }));
      assert.equal(newest()?.text, `Ваш код: ${password}`);
    }
  });

  it('sends an event once that Lambda hands over three times', async () => {
    const sent = await event('482913');
    const before = arrived();
    await invoke(sent);
    await Promise.all([invoke(sent), invoke(sent)]);
    assert.equal(arrived(), before + 1);
  });

  it('sends an event when Lambda tries again after a failure, once', async () => {
    const sent = await event('482913');
    stack.gates[0]?.faults.order({ fault: 'no_money' });
    await assert.rejects(invoke(sent), /The message was not sent: no_money/);
    await invoke(sent);
    const after = arrived();
    await invoke(sent);
    assert.equal(arrived(), after);
  });

  for (const fault of [
    ...['no_money', 'unauthorized', 'bad_sender_name', 'ip_not_allowed', 'rate_limited'],
  ] as const) {
    it(`throws after ${fault}: another try may help`, async () => {
      stack.gates[0]?.faults.order({ fault, times: 2 });
      await assert.rejects(invoke(await event('482913')), new RegExp(`The message was not sent: ${fault}`));
      assert.equal(lastLine()['message'], 'event not handled');
    });
  }

  it('throws after a refusal that is not SMS Aero’s', async () => {
    stack.gates[0]?.faults.order({ fault: 'redirect' });
    await assert.rejects(invoke(await event('482913')), /The message was not sent: malformed_answer/);
  });

  for (const [fault, outcome] of [
    ['reset_after_acceptance', 'unknown'],
    ['bad_gateway_html', 'unknown'],
    ['status_rejected', 'failed'],
    ['blacklisted', 'failed'],
    ['invalid_number', 'failed'],
  ] as const) {
    it(`does not throw after ${fault}, and does not send again`, async () => {
      const sent = await event('482913');
      stack.gates[0]?.faults.order({ fault });
      await invoke(sent);
      assert.equal(stack.hook.logs().findLast(({ message }) => message === 'sms')?.['outcome'], outcome);
    });
  }

  it('waits for a late answer, since nobody waits for its own', async () => {
    stack.gates[0]?.faults.order({ fault: 'late_answer', delayMs: 2_500 });
    await invoke(await event('482913'));
    assert.equal(stack.hook.logs().findLast(({ message }) => message === 'sms')?.['outcome'], 'accepted');
  });

  describe('says what to check when a code cannot be decrypted, and sends nothing', () => {
    const refusal = async (code: string) => {
      const before = arrived();
      const error = await invoke(senderEvent({ attributes: attributes(), code })).then(
        () => assert.fail('It did not throw'),
        (thrown: Error) => thrown.message,
      );
      assert.equal(arrived(), before);
      return error;
    };

    it('another key', async () => {
      const error = await refusal(await encrypt('482913', { keyArn: kms.createKey() }));
      assert.match(
        error,
        /encrypted with another KMS key\. Check that SMSAERO_COGNITO_KEY_ARN is the ARN \(no alias\)/,
      );
    });

    it('another pool', async () => {
      assert.match(
        await refusal(await encrypt('482913', { userPoolId: 'eu-central-1_Other0000' })),
        /for another user pool/,
      );
    });

    it('a grant that is missing, a key that is off', async () => {
      const code = await encrypt('482913');
      kms.fail('access_denied');
      assert.match(
        await refusal(code),
        /KMS did not decrypt the code \(AccessDeniedException\).*may call kms:Decrypt/,
      );
    });

    it('a KMS that does not answer', async () => {
      const code = await encrypt('482913');
      kms.fail('hang');
      assert.match(await refusal(code), /KMS did not decrypt the code \(TimeoutError\)/);
    });

    it('an empty code', async () => {
      await assert.rejects(invoke(await event('')), /The code is empty/);
    });

    it('a ciphertext that was cut, changed, or is none', async () => {
      const code = await encrypt('482913');
      const bytes = Buffer.from(code, 'base64');
      bytes[bytes.length - 40] = (bytes[bytes.length - 40] ?? 0) ^ 1;
      for (const bad of [
        code.slice(0, 200),
        bytes.toString('base64'),
        '482913',
        'Zm9yZWlnbg==',
        'ключ',
        'A'.repeat(20_000),
      ]) {
        assert.match(await refusal(bad), /not a whole message of the AWS Encryption SDK/, bad.slice(0, 20));
      }
    });

    it('an event of another kind', async () => {
      await assert.rejects(invoke({ ...senderEvent(), request: { type: 'customEmailSenderRequestV1' } }));
      await assert.rejects(invoke({}));
    });
  });

  describe('a second code right behind the first, as after a sign-up with a second factor', () => {
    let limited: Stack;
    before(async () => {
      limited = await startStack({
        function: 'cognito-sms-sender',
        guard: true,
        gates: 1,
        environment: {
          SMSAERO_COGNITO_KEY_ARN: keyArn,
          SMSAERO_GUARD_TIMEOUT_MS: '2000',
          SMSAERO_LIMIT_RECIPIENT_INTERVAL_S: '2', // the usual 30 s, made short for the test
          SMSAERO_LIMIT_RECIPIENT_10_MINUTES: '3',
          AWS_ENDPOINT_URL_KMS: kms.url,
        },
      });
    });
    after(() => limited.close());

    const refused = () => limited.hook.metrics().filter(({ name }) => name === 'Refused').length;
    const texts = () => limited.account.messages().map(({ text }) => /\d{6}/.exec(text)?.[0]);
    /** Tries an event until it does not throw, as Lambda does. @returns how often it threw */
    const tried = async (sent: object) => {
      for (let thrown = 0; ; thrown += 1) {
        const error = await limited.hook.invoke(sent).then(
          () => undefined,
          (reason: Error) => reason,
        );
        if (!error) return thrown;
        assert.match(error.message, /The message was not sent: rate_exceeded/);
        await sleep(100);
      }
    };

    it('is tried again, sent once, and counted as refused by nobody', async () => {
      const user = attributes();
      const signUp = await event('111222', { triggerSource: 'CustomSMSSender_SignUp', attributes: user });
      const second = await event('333444', { attributes: user });
      await limited.hook.invoke(signUp);
      assert.ok((await tried(second)) > 0);
      assert.deepEqual(texts(), ['333444', '111222']);
      await limited.hook.invoke(second);
      assert.equal(texts().length, 2);
      assert.equal(refused(), 0);
    });

    it('is lost where the limit lasts, logged and counted', async () => {
      const user = attributes();
      for (const code of ['100001', '100002', '100003']) await tried(await event(code, { attributes: user }));
      const before = texts().length;
      await limited.hook.invoke(await event('100004', { attributes: user }));
      assert.equal(texts().length, before);
      const line = limited.hook.logs().at(-1);
      assert.deepEqual([line?.['reason'], line?.['limit']], ['rate_exceeded', 'recipient']);
      assert.ok(Number(line?.['retryAfter']) > 120);
      assert.equal(refused(), 2, 'by service, and by reason');
    });
  });

  it('shows no code, number, name or ciphertext anywhere', async () => {
    const code = await encrypt('482913');
    kms.fail('throttle', 1);
    await invoke(
      senderEvent({ attributes: { ...attributes(), name: 'Анна Каренина' }, userName: 'anna-k', code }),
    ).catch(() => undefined);
    stack.table.choose = () => 'server_error';
    const unguarded = await event('482913');
    await assert.rejects(invoke(unguarded), /guard_unavailable/); // it is called again
    stack.table.choose = undefined;
    const output = stack.hook.output();
    for (const secret of [
      '482913',
      '4829',
      code.slice(0, 60),
      'Анна',
      'anna-k',
      CONNECTOR.apiKey,
      'a<B&7>',
      '0001001',
    ]) {
      assert.ok(!output.includes(secret), secret);
    }
  });
});
