import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { KMS } from '@aws-crypto/kms-keyring-node';
import type { AwsFailure } from '../../../local/aws-json.ts';
import { type Kms, startKms } from '../../../local/kms/index.ts';
import { useAwsStandIns } from '../../support/aws-environment.ts';

useAwsStandIns();

const EncryptionContext = { 'userpool-id': 'eu-central-1_Ab12Cd34E', 'aws-crypto-public-key': 'AqZ+/=' };

let kms: Kms;
let client: KMS;
let KeyId: string;

function clientOf({ url }: Kms, region = 'eu-central-1'): KMS {
  const credentials = { accessKeyId: 'AKIDLOCAL', secretAccessKey: 'local' };
  return new KMS({ endpoint: url, region, credentials, maxAttempts: 1 });
}

beforeEach(async () => {
  kms = await startKms();
  client = clientOf(kms);
  KeyId = kms.createKey();
});
afterEach(async () => {
  client.destroy();
  await kms.close();
});

const named = (name: string, message?: RegExp) => (error: unknown) => {
  assert.ok(error instanceof Error);
  assert.equal(error.name, name);
  if (message) assert.match(error.message, message);
  return true;
};

const blobOf = async (text = '482913') =>
  (await client.encrypt({ KeyId, Plaintext: Buffer.from(text), EncryptionContext })).CiphertextBlob;

describe('a data key', () => {
  it('comes in plain and sealed, and opens again with its context in any order', async () => {
    const made = await client.generateDataKey({ KeyId, NumberOfBytes: 32, EncryptionContext });
    assert.equal(made.KeyId, KeyId);
    assert.equal(made.Plaintext?.length, 32);
    assert.match(Buffer.from(made.CiphertextBlob ?? []).toString('base64'), /^AQIDAH/);
    const reversed = Object.fromEntries(Object.entries(EncryptionContext).reverse());
    const { Plaintext, KeyId: used } = await client.decrypt({
      CiphertextBlob: made.CiphertextBlob,
      EncryptionContext: reversed,
    });
    assert.equal(used, KeyId);
    assert.deepEqual(Plaintext, made.Plaintext);
    assert.deepEqual(
      kms.calls.map(({ operation }) => operation),
      ['GenerateDataKey', 'Decrypt'],
    );
  });

  it('is another one each time, and may come without its plain form', async () => {
    const one = await client.generateDataKeyWithoutPlaintext({ KeyId, KeySpec: 'AES_128' });
    assert.ok(!('Plaintext' in one && one.Plaintext));
    const two = await client.generateDataKeyWithoutPlaintext({ KeyId, KeySpec: 'AES_128' });
    const open = async (CiphertextBlob?: Uint8Array) =>
      Buffer.from((await client.decrypt({ CiphertextBlob })).Plaintext ?? []).toString('hex');
    const keys = [await open(one.CiphertextBlob), await open(two.CiphertextBlob)];
    assert.match(keys.join(), /^[0-9a-f]{32},[0-9a-f]{32}$/);
    assert.notEqual(keys[0], keys[1]);
  });

  it('has one length, told in one way', async () => {
    const wrong = [
      {},
      { NumberOfBytes: 32, KeySpec: 'AES_256' as const },
      { NumberOfBytes: 0 },
      { NumberOfBytes: 1025 },
    ];
    for (const length of wrong) {
      await assert.rejects(client.generateDataKey({ KeyId, ...length }), named('ValidationException'));
    }
  });
});

describe('a ciphertext', () => {
  it('opens with its own key, named or not', async () => {
    const CiphertextBlob = await blobOf('код 482913');
    for (const named of [{}, { KeyId }, { KeyId: KeyId.slice(KeyId.lastIndexOf('/') + 1) }]) {
      const { Plaintext } = await client.decrypt({ CiphertextBlob, EncryptionContext, ...named });
      assert.equal(Buffer.from(Plaintext ?? []).toString(), 'код 482913');
    }
  });

  it('does not open with another context', async () => {
    const CiphertextBlob = await blobOf();
    const contexts: (Record<string, string> | undefined)[] = [
      undefined,
      { 'userpool-id': EncryptionContext['userpool-id'] },
      { ...EncryptionContext, 'userpool-id': 'eu-central-1_Other' },
      { ...EncryptionContext, more: '' },
      { 'userpool-i': 'deu-central-1_Ab12Cd34E', 'aws-crypto-public-key': 'AqZ+/=' },
    ];
    for (const context of contexts) {
      await assert.rejects(
        client.decrypt({ CiphertextBlob, ...(context ? { EncryptionContext: context } : {}) }),
        named('InvalidCiphertextException'),
      );
    }
  });

  it('does not open once any of its bytes is changed or missing', async () => {
    const blob = Buffer.from((await blobOf()) ?? []);
    const damaged = Array.from(blob, (byte, index) => {
      const copy = Buffer.from(blob);
      copy[index] = byte ^ 1;
      return copy;
    });
    for (const CiphertextBlob of [...damaged, blob.subarray(0, -1), Buffer.from('no ciphertext at all')]) {
      await assert.rejects(
        client.decrypt({ CiphertextBlob, EncryptionContext, KeyId }),
        named(
          CiphertextBlob.length === blob.length &&
            !CiphertextBlob.subarray(5, 21).equals(blob.subarray(5, 21))
            ? 'IncorrectKeyException'
            : 'InvalidCiphertextException',
        ),
      );
    }
  });

  it('does not open with another key, or with one of another account', async () => {
    const CiphertextBlob = await blobOf();
    await assert.rejects(
      client.decrypt({ CiphertextBlob, EncryptionContext, KeyId: kms.createKey() }),
      named('IncorrectKeyException'),
    );
    const foreign = await startKms();
    const stranger = clientOf(foreign);
    await assert.rejects(
      stranger.decrypt({ CiphertextBlob, EncryptionContext }),
      named('AccessDeniedException', /does not exist/),
    );
    stranger.destroy();
    await foreign.close();
  });
});

describe('a key', () => {
  const decrypt = async () =>
    await client.decrypt({ CiphertextBlob: await blobOf(), EncryptionContext, KeyId });

  it('may be refused to the caller, for all or for one operation', async () => {
    kms.deny(KeyId, 'Decrypt');
    await assert.rejects(decrypt(), named('AccessDeniedException', /kms:Decrypt on resource: arn:aws:kms/));
    kms.deny(KeyId);
    await assert.rejects(blobOf(), named('AccessDeniedException', /kms:Encrypt/));
    kms.allow(KeyId);
    await decrypt();
  });

  it('may be disabled, deleted, unknown or of another region', async () => {
    kms.disable(KeyId);
    await assert.rejects(blobOf(), named('DisabledException'));
    kms.deleteKey(KeyId);
    await assert.rejects(blobOf(), named('NotFoundException', /does not exist/));
    const abroad = clientOf(kms, 'us-east-1');
    const here = { KeyId: kms.createKey(), NumberOfBytes: 32 };
    await assert.rejects(abroad.generateDataKey(here), named('NotFoundException', /Invalid arn/));
    abroad.destroy();
  });

  it('may be told at the start', async () => {
    const arn = 'arn:aws:kms:eu-central-1:111122223333:key/0e0f0000-0000-4000-8000-000000000000';
    const other = await startKms({ keys: [arn] });
    const user = clientOf(other);
    assert.equal((await user.generateDataKey({ KeyId: arn, NumberOfBytes: 32 })).KeyId, arn);
    user.destroy();
    await other.close();
    await assert.rejects(startKms({ keys: ['alias/smsaero'] }), named('AwsError', /Invalid arn/));
  });
});

describe('trouble', () => {
  const errors: [AwsFailure, string][] = [
    ['throttle', 'ThrottlingException'],
    ['access_denied', 'AccessDeniedException'],
    ['server_error', 'KMSInternalException'],
  ];
  for (const [mode, name] of errors) {
    it(`comes as ${name} when told, for so many calls`, async () => {
      kms.fail(mode, 2);
      await assert.rejects(blobOf(), named(name));
      await assert.rejects(blobOf(), named(name));
      await blobOf();
      assert.equal(kms.calls.length, 3);
    });
  }

  it('comes as a reset, and as silence', async () => {
    kms.fail('reset', 1);
    await assert.rejects(blobOf(), /ECONNRESET|socket hang up/);
    kms.fail('hang');
    const abort = new AbortController();
    const hanging = client.encrypt(
      { KeyId, Plaintext: Buffer.from('1') },
      { abortSignal: abort.signal as never },
    );
    while (kms.calls.length < 2) await new Promise(setImmediate);
    abort.abort();
    await assert.rejects(hanging, named('AbortError'));
    kms.fail(undefined);
    await blobOf();
  });

  it('comes to a request without a signature, of another service, or of an unknown operation', async () => {
    const post = async (headers: Record<string, string>) => {
      const answer = await fetch(kms.url, { method: 'POST', headers, body: '{}' });
      return [answer.status, ((await answer.json()) as { __type: string }).__type];
    };
    const target = { 'x-amz-target': 'TrentService.Encrypt' };
    const scope = (service: string) =>
      `AWS4-HMAC-SHA256 Credential=A/20260101/eu-central-1/${service}/aws4_request, SignedHeaders=host, Signature=${'0'.repeat(64)}`;
    assert.deepEqual(await post(target), [400, 'MissingAuthenticationTokenException']);
    assert.deepEqual(await post({ ...target, authorization: scope('ssm') }), [
      400,
      'IncompleteSignatureException',
    ]);
    assert.deepEqual(await post({ 'x-amz-target': 'TrentService.CreateKey', authorization: scope('kms') }), [
      400,
      'UnknownOperationException',
    ]);
  });
});
