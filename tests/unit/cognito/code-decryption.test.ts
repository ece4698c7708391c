import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { KMS } from '@aws-crypto/kms-keyring-node';
import { mockClient } from 'aws-sdk-client-mock';
import { createCodeDecryption } from '../../../lib/cognito/code-decryption.ts';
import { encryptCode } from '../../../local/cognito/encrypt.ts';
import { POOL_ID } from '../../../local/cognito/events.ts';
import { LOCAL_KEY_ARN } from '../../../local/cognito/user-pool.ts';
import { type Kms, startKms } from '../../../local/kms.ts';
import { useAwsStandIns } from '../../support/aws-environment.ts';

const decrypt = (ciphertext: string) => createCodeDecryption(LOCAL_KEY_ARN)(ciphertext, POOL_ID);

describe('a code of Cognito', () => {
  let kms: Kms;
  let code: string;
  const encrypt = (options: Partial<Parameters<typeof encryptCode>[1]> = {}) =>
    encryptCode('482913', { keyArn: LOCAL_KEY_ARN, kmsUrl: kms.url, userPoolId: POOL_ID, ...options });
  before(async () => {
    kms = await startKms({ keys: [LOCAL_KEY_ARN] });
    useAwsStandIns({ AWS_ENDPOINT_URL_KMS: kms.url });
    code = await encrypt();
  });
  after(() => kms.close());

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

  it('of format 2, which commits to its key and does not name the pool, is decrypted', async () => {
    assert.equal(await decrypt(await encrypt({ suite: 0x0578 })), '482913');
  });

  it('is not decrypted while KMS does not answer', async () => {
    kms.fail('hang');
    await assert.rejects(decrypt(code), /KMS did not decrypt the code \(TimeoutError\)/);
    kms.fail(undefined);
  });

  describe('where KMS is watched', () => {
    const mockKms = () => mockClient(KMS);
    let calls: ReturnType<typeof mockKms>;
    before(() => {
      calls = mockKms();
    });
    afterEach(() => calls.reset());
    after(() => calls.restore());

    it('costs one call, for this pool', async () => {
      calls.onAnyCommand().resolves({ KeyId: LOCAL_KEY_ARN, Plaintext: new Uint8Array(32) });
      await assert.rejects(decrypt(code), { code: 'no_ciphertext' }); // that is not its data key
      const [call, ...others] = calls.calls();
      const input = call?.args[0].input as { EncryptionContext: object; CiphertextBlob: Uint8Array };
      assert.equal(others.length, 0);
      const [, pool] = Object.entries(input.EncryptionContext).find(([name]) => name === 'userpool-id') ?? [];
      assert.equal(pool, POOL_ID);
      assert.ok(input.CiphertextBlob.length > 0);
    });

    it('is not decrypted where KMS refuses: the error names why, and nothing of the ciphertext', async () => {
      const denied = Object.assign(new Error(`denied for ${code}`), { name: 'AccessDeniedException' });
      calls.onAnyCommand().rejects(denied);
      await assert.rejects(decrypt(code), (error: Error) => {
        assert.match(error.message, /^KMS did not decrypt the code \(AccessDeniedException\).*kms:Decrypt/);
        assert.ok(!error.message.includes(code.slice(0, 20)));
        return true;
      });
    });

    it('asks nothing for what is not a ciphertext', async () => {
      await assert.rejects(decrypt('x'.repeat(16_385)), { code: 'no_ciphertext' });
      assert.deepEqual(calls.calls(), []);
    });
  });
});
