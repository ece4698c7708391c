import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { buildDecrypt } from '@aws-crypto/decrypt-node';
import { KmsKeyringNode } from '@aws-crypto/kms-keyring-node';
import { CommitmentPolicy } from '@aws-crypto/material-management-node';
import { startKms } from '../../../local/kms.ts';
import { useAwsStandIns } from '../../support/aws-environment.ts';
import { encryptCode, POOL_ID } from '../../support/cognito.ts';

describe('an encrypted code', () => {
  it("is AWS's (format 1, suite 0x0378, the pool in its context) or LocalStack's (format 2, suite 0x0578)", async () => {
    const kms = await startKms();
    const keyArn = kms.createKey();
    useAwsStandIns({ AWS_ENDPOINT_URL_KMS: kms.url });
    const made = async (suite: 0x0378 | 0x0578) => {
      const code = await encryptCode('482913', { keyArn, kmsUrl: kms.url, userPoolId: POOL_ID, suite });
      const bytes = Buffer.from(code, 'base64');
      const { decrypt } = buildDecrypt(CommitmentPolicy.REQUIRE_ENCRYPT_ALLOW_DECRYPT);
      const { plaintext, messageHeader } = await decrypt(new KmsKeyringNode({ keyIds: [keyArn] }), bytes);
      assert.equal(plaintext.toString(), '482913');
      return [bytes.subarray(0, 4).toString('hex'), messageHeader.encryptionContext['userpool-id']];
    };
    assert.deepEqual(await made(0x0378), ['01800378', POOL_ID]);
    const [start, pool] = await made(0x0578);
    assert.deepEqual([start?.slice(0, 6), pool], ['020578', undefined]);
    await kms.close();
  });
});
