import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { KMS } from '@aws-crypto/kms-keyring-node';
import { type Kms, startKms } from '../../../local/kms.ts';
import { useAwsStandIns } from '../../support/aws-environment.ts';

useAwsStandIns();

const EncryptionContext = { 'userpool-id': 'eu-central-1_Ab12Cd34E', 'aws-crypto-public-key': 'AqZ+/=' };

let kms: Kms;
let client: KMS;
let KeyId: string;

beforeEach(async () => {
  kms = await startKms();
  client = new KMS({ endpoint: kms.url, maxAttempts: 1 });
  KeyId = kms.createKey();
});
afterEach(async () => {
  client.destroy();
  await kms.close();
});

const dataKey = () => client.generateDataKey({ KeyId, NumberOfBytes: 32, EncryptionContext });

describe('KMS', () => {
  it('makes a data key in plain and sealed, which opens again with its context in any order', async () => {
    const made = await dataKey();
    assert.equal(made.Plaintext?.length, 32);
    assert.match(Buffer.from(made.CiphertextBlob ?? []).toString('base64'), /^AQIDAH/);
    const reversed = Object.fromEntries(Object.entries(EncryptionContext).reverse());
    const { CiphertextBlob } = made;
    const opened = await client.decrypt({ CiphertextBlob, EncryptionContext: reversed });
    assert.deepEqual([opened.KeyId, opened.Plaintext], [KeyId, made.Plaintext]);
  });

  it('opens nothing with another context, another key or changed bytes', async () => {
    const { CiphertextBlob } = await dataKey();
    const blob = Buffer.from(CiphertextBlob ?? []);
    const invalid = { name: 'InvalidCiphertextException' };
    for (const context of [{}, { ...EncryptionContext, 'userpool-id': 'eu-central-1_Other' }]) {
      await assert.rejects(client.decrypt({ CiphertextBlob, EncryptionContext: context }), invalid);
    }
    for (const index of [0, 21, blob.length - 1]) {
      const damaged = Buffer.from(blob);
      damaged[index] = (damaged[index] ?? 0) ^ 1;
      await assert.rejects(client.decrypt({ CiphertextBlob: damaged, EncryptionContext }), invalid);
    }
    await assert.rejects(client.decrypt({ CiphertextBlob, EncryptionContext, KeyId: kms.createKey() }), {
      name: 'IncorrectKeyException',
    });
    const foreign = await startKms();
    const stranger = new KMS({ endpoint: foreign.url, maxAttempts: 1 });
    await assert.rejects(stranger.decrypt({ CiphertextBlob, EncryptionContext }), {
      name: 'AccessDeniedException',
    });
    stranger.destroy();
    await foreign.close();
  });
});
