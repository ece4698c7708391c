import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { buildDecrypt } from '@aws-crypto/decrypt-node';
import { KmsKeyringNode } from '@aws-crypto/kms-keyring-node';
import { CommitmentPolicy } from '@aws-crypto/material-management-node';
import {
  GetParametersByPathCommand,
  PutParameterCommand,
  paginateGetParametersByPath,
  SSMClient,
} from '@aws-sdk/client-ssm';
import connector from '../../../local/connector.json' with { type: 'json' };
import { startKms } from '../../../local/kms.ts';
import { fromConnector, startParameterStore } from '../../../local/parameter-store.ts';
import { useAwsStandIns } from '../../support/aws-environment.ts';
import { encryptCode, POOL_ID } from '../../support/cognito.ts';
import { startTable } from '../../support/table.ts';

const kms = await startKms();
useAwsStandIns({ AWS_ENDPOINT_URL_KMS: kms.url });
after(() => kms.close());

describe('Parameter Store', async () => {
  const Path = '/smsaero/dev';
  const parameters = fromConnector('dev', connector, { logto: 'Bearer one\nBearer two' });
  const store = await startParameterStore({ parameters });
  const client = new SSMClient({ endpoint: store.url, maxAttempts: 1 });
  after(async () => {
    client.destroy();
    await store.close();
  });

  const put = (input: object) =>
    client.send(new PutParameterCommand({ Name: `${Path}/new`, Value: 'Код', Type: 'String', ...input }));

  it('pages by 10 at most, and refuses what AWS refuses', async () => {
    for (let index = 0; index < 20; index += 1) store.put(`${Path}/platforms/p${index}`, 'x');
    const names = [];
    for await (const page of paginateGetParametersByPath({ client }, { Path, Recursive: true })) {
      names.push(page.Parameters?.map(({ Name }) => Name) ?? []);
    }
    assert.deepEqual([names.map(({ length }) => length), new Set(names.flat()).size], [[10, 10, 6], 26]);
    for (const wrong of [{ MaxResults: 11 }, { MaxResults: 0 }, { Path: 'smsaero' }, { Path: '/aws/x' }]) {
      const asked = client.send(new GetParametersByPathCommand({ Path, ...wrong }));
      await assert.rejects(asked, { name: 'ValidationException' });
    }
  });

  it('refuses double braces, which would name another parameter, and bad names and values', async () => {
    const braces = { name: 'ValidationException', message: /can't nest another parameter/ };
    await assert.rejects(put({ Value: 'Код: {{code}}' }), braces);
    await put({ Value: '[{"content":"{\\u007bcode}}"}]' });
    for (const wrong of [{ Name: 'smsaero/c' }, { Name: '/aws/c' }, { Value: '' }, { Type: 'Text' }]) {
      await assert.rejects(put({ Name: `${Path}/other`, ...wrong }), { name: 'ValidationException' });
    }
  });

  it('answers no web page, whatever name that has for 127.0.0.1', async () => {
    const headers = { Origin: store.url, 'X-Amz-Target': 'AmazonSSM.GetParameter' };
    assert.equal((await fetch(store.url, { method: 'POST', headers, body: '{}' })).status, 403);
  });
});

describe('a code that Cognito encrypts', () => {
  const keyArn = kms.createKey();
  const encrypt = (suite: 0x0378 | 0x0578 = 0x0378) =>
    encryptCode('482913', { keyArn, kmsUrl: kms.url, userPoolId: POOL_ID, suite });

  it("is AWS's (format 1, suite 0x0378, the pool in its context) or LocalStack's (format 2, suite 0x0578)", async () => {
    for (const [suite, start, pool] of [
      [0x0378, '01800378', POOL_ID],
      [0x0578, '020578', undefined],
    ] as const) {
      const bytes = Buffer.from(await encrypt(suite), 'base64');
      assert.ok(bytes.toString('hex').startsWith(start));
      const { decrypt } = buildDecrypt(CommitmentPolicy.REQUIRE_ENCRYPT_ALLOW_DECRYPT);
      const { plaintext, messageHeader } = await decrypt(new KmsKeyringNode({ keyIds: [keyArn] }), bytes);
      assert.deepEqual(
        [plaintext.toString(), messageHeader.encryptionContext['userpool-id']],
        ['482913', pool],
      );
    }
  });

  it('is made, and a table, on the machine of somebody whose AWS profile has FIPS or dual stack on', async () => {
    for (const name of ['AWS_USE_FIPS_ENDPOINT', 'AWS_USE_DUALSTACK_ENDPOINT']) {
      process.env[name] = 'true'; // as use_fips_endpoint in ~/.aws/config
      try {
        await (await startTable('smsaero-test')).close();
        assert.match(await encrypt(), /^AYADe/);
      } finally {
        delete process.env[name];
      }
    }
  });
});
