import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { createCodeDecryption } from '../../../lib/cognito/code-decryption.ts';
import { encryptCode } from '../../../local/cognito/encrypt.ts';
import { POOL_ID } from '../../../local/cognito/events.ts';
import { LOCAL_KEY_ARN } from '../../../local/cognito/user-pool.ts';
import { startKms } from '../../../local/kms.ts';
import { useAwsStandIns } from '../../support/aws-environment.ts';

const decrypt = (ciphertext: string) => createCodeDecryption(LOCAL_KEY_ARN)(ciphertext, POOL_ID);

const kms = await startKms({ keys: [LOCAL_KEY_ARN] });
after(() => kms.close());
useAwsStandIns({ AWS_ENDPOINT_URL_KMS: kms.url });
const encrypt = (options: Partial<Parameters<typeof encryptCode>[1]> = {}) =>
  encryptCode('482913', { keyArn: LOCAL_KEY_ARN, kmsUrl: kms.url, userPoolId: POOL_ID, ...options });
const code = await encrypt();

describe('a code of Cognito', () => {
  /** The code with one bit of its signature or body changed. */
  function changed(): string {
    const bytes = Buffer.from(code, 'base64');
    bytes[bytes.length - 40] = (bytes[bytes.length - 40] ?? 0) ^ 1;
    return bytes.toString('base64');
  }
  const NO_CIPHERTEXT = ['no_ciphertext', /not a whole message of the AWS Encryption SDK/] as const;
  const ROWS: [what: string, make: () => string | Promise<string>, reason: string, message: RegExp][] = [
    [
      'of another key',
      () => encrypt({ keyArn: kms.createKey() }),
      'another_key',
      /another KMS key\. Check that SMSAERO_COGNITO_KEY_ARN is the ARN \(no alias\)/,
    ],
    [
      'of another pool',
      () => encrypt({ userPoolId: 'eu-central-1_Other0' }),
      'another_pool',
      /another user pool/,
    ],
    ['cut', () => code.slice(0, 200), ...NO_CIPHERTEXT],
    ['changed', changed, ...NO_CIPHERTEXT],
    ['empty', () => '', ...NO_CIPHERTEXT],
    ['followed by a space', () => `${code} `, ...NO_CIPHERTEXT],
  ];
  for (const [what, make, reason, message] of ROWS) {
    it(`is not decrypted if it is ${what}`, async () => {
      await assert.rejects(decrypt(await make()), (error: Error & { code: string }) => {
        assert.equal(error.code, reason);
        assert.match(error.message, message);
        return true;
      });
    });
  }

  for (const [failure, name] of [
    ['hang', 'TimeoutError'],
    ['access_denied', 'AccessDeniedException'],
  ] as const) {
    it(`is not decrypted where KMS does ${failure}: the error names why, and nothing else`, async (test) => {
      test.after(() => kms.fail(undefined));
      kms.fail(failure);
      const message = `KMS did not decrypt the code (${name}). Check that the key in SMSAERO_COGNITO_KEY_ARN is enabled and that the role of the function may call kms:Decrypt on it for this pool`;
      await assert.rejects(decrypt(code), { message });
    });
  }

  it('of format 2, which commits to its key and does not name the pool, is decrypted', async () => {
    assert.equal(await decrypt(await encrypt({ suite: 0x0578 })), '482913');
  });

  it('costs one call, for this pool, and none if it is not a ciphertext', async () => {
    kms.calls.length = 0;
    await assert.rejects(decrypt('x'.repeat(16_385)), { code: 'no_ciphertext' });
    assert.equal(await decrypt(code), '482913');
    const [{ input } = assert.fail('no call'), ...others] = kms.calls;
    assert.deepEqual(others, []);
    assert.equal((input['EncryptionContext'] as Record<string, string>)['userpool-id'], POOL_ID);
  });
});
