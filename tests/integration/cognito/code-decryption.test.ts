import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it, mock } from 'node:test';
import { CodeDecryptionError, createCodeDecryption } from '../../../lib/cognito/code-decryption.ts';
import { type Kms, startKms } from '../../../local/kms.ts';
import { useAwsStandIns } from '../../support/aws-environment.ts';
import { encryptCode, POOL_ID } from '../../support/cognito.ts';

describe('the decryption of Cognito’s codes', () => {
  let kms: Kms;
  let keyArn: string;
  before(async () => {
    kms = await startKms();
    keyArn = kms.createKey();
    useAwsStandIns({ AWS_ENDPOINT_URL_KMS: kms.url });
  });
  after(() => kms.close());
  afterEach(() => kms.fail(undefined));

  const encrypt = (options: Partial<Parameters<typeof encryptCode>[1]> = {}) =>
    encryptCode('482913', { keyArn, kmsUrl: kms.url, userPoolId: POOL_ID, ...options });
  const decrypt = (ciphertext: string, pool = POOL_ID) => createCodeDecryption(keyArn)(ciphertext, pool);
  const refusal = async (ciphertext: string, pool?: string) => {
    const error = await decrypt(ciphertext, pool).then(
      () => assert.fail('It did not throw'),
      (thrown: unknown) => thrown,
    );
    assert.ok(error instanceof CodeDecryptionError);
    assert.equal(error.name, 'CodeDecryptionError');
    return `${error.code}: ${error.message}`;
  };

  it('takes both suites, and a message that names no pool', async () => {
    assert.equal(await decrypt(await encrypt()), '482913');
    assert.equal(await decrypt(await encrypt({ suite: 0x0578 }), 'eu-central-1_Other0000'), '482913');
  });

  it('says that the pool is another one, or the key', async () => {
    assert.equal(
      await refusal(await encrypt(), 'eu-central-1_Other0000'),
      'another_pool: The code was encrypted for another user pool than the one that the event names',
    );
    assert.match(
      await refusal(await encrypt({ keyArn: kms.createKey() })),
      /^another_key: The code was encrypted with another KMS key\. Check that SMSAERO_COGNITO_KEY_ARN is the ARN \(no alias\)/,
    );
  });

  it('says what KMS answered, or that it did not', async () => {
    const ciphertext = await encrypt();
    kms.fail('access_denied');
    assert.match(
      await refusal(ciphertext),
      /^kms_refused: KMS did not decrypt the code \(AccessDeniedException\)\. Check that the key .* may call kms:Decrypt/,
    );
    kms.fail('hang');
    mock.timers.enable({ apis: ['setTimeout'] });
    const late = refusal(ciphertext);
    await new Promise((resolve) => setImmediate(resolve));
    mock.timers.tick(5_000);
    mock.timers.reset();
    assert.match(await late, /^kms_refused: KMS did not decrypt the code \(TimeoutError\)/);
  });

  it('refuses what is no message, before KMS is asked', async () => {
    const bytes = Buffer.from(await encrypt(), 'base64');
    bytes[bytes.length - 40] = (bytes[bytes.length - 40] ?? 0) ^ 1;
    const whole = await encrypt();
    for (const bad of [
      bytes.toString('base64'),
      whole.slice(0, 200),
      '482913',
      'ключ',
      `${whole}!`,
      ` ${whole}`,
      'A==='.repeat(2),
      'A'.repeat(16_385),
    ]) {
      assert.equal(
        await refusal(bad),
        'no_ciphertext: The code is not a whole message of the AWS Encryption SDK: it is damaged, or the event is not from Cognito',
      );
    }
  });
});
