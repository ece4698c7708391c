import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { KMS } from '@aws-crypto/kms-keyring-node';
import { mockClient } from 'aws-sdk-client-mock';
import { createCodeDecryption } from '../../../lib/cognito/code-decryption.ts';
import { encryptCode } from '../../../local/cognito/encrypt.ts';
import { POOL_ID } from '../../../local/cognito/events.ts';
import { LOCAL_KEY_ARN } from '../../../local/cognito/user-pool.ts';
import { startKms } from '../../../local/kms.ts';

const mockKms = () => mockClient(KMS);

describe('a code of Cognito', () => {
  let code: string;
  let kms: ReturnType<typeof mockKms>;
  before(async () => {
    const real = await startKms({ keys: [LOCAL_KEY_ARN] });
    code = await encryptCode('482913', { keyArn: LOCAL_KEY_ARN, kmsUrl: real.url, userPoolId: POOL_ID });
    await real.close();
    kms = mockKms(); // from here on
  });
  afterEach(() => kms.reset());
  after(() => kms.restore());
  const decrypt = (ciphertext = code) => createCodeDecryption(LOCAL_KEY_ARN)(ciphertext, POOL_ID);

  it('costs one call of KMS, for this pool', async () => {
    kms.onAnyCommand().resolves({ KeyId: LOCAL_KEY_ARN, Plaintext: new Uint8Array(32) });
    await assert.rejects(decrypt(), { code: 'no_ciphertext' }); // that is not its data key
    const [call, ...others] = kms.calls();
    const input = call?.args[0].input as { EncryptionContext: object; CiphertextBlob: Uint8Array };
    assert.equal(others.length, 0);
    assert.equal(
      Object.entries(input.EncryptionContext).find(([name]) => name === 'userpool-id')?.[1],
      POOL_ID,
    );
    assert.ok(input.CiphertextBlob.length > 0);
  });

  it('is not decrypted where KMS refuses: the error names why, and nothing of the ciphertext', async () => {
    kms
      .onAnyCommand()
      .rejects(Object.assign(new Error(`denied for ${code}`), { name: 'AccessDeniedException' }));
    await assert.rejects(decrypt(), (error: Error) => {
      assert.match(error.message, /^KMS did not decrypt the code \(AccessDeniedException\)/);
      assert.ok(!error.message.includes(code.slice(0, 20)));
      return true;
    });
  });

  it('asks nothing of KMS for what is no ciphertext', async () => {
    for (const text of ['', '482913 ', 'x'.repeat(16_385)]) {
      await assert.rejects(decrypt(text), { code: 'no_ciphertext' });
    }
    assert.deepEqual(kms.calls(), []);
  });
});
