import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import type { AwsFailure } from '../../../local/aws-json.ts';
import { type ParameterStore, startParameterStore } from '../../../local/parameter-store.ts';
import { useAwsStandIns } from '../../support/aws-environment.ts';
import { until } from './client.ts';

useAwsStandIns();

/** What all stand-ins of AWS have in common, shown by one of them. */
describe('a stand-in of AWS', () => {
  let store: ParameterStore;
  let client: SSMClient;
  beforeEach(async () => {
    store = await startParameterStore({ parameters: { '/a': { type: 'String', value: '1' } } });
    client = new SSMClient({ endpoint: store.url, maxAttempts: 1 });
  });
  afterEach(async () => {
    client.destroy();
    await store.close();
  });
  const get = () => client.send(new GetParameterCommand({ Name: '/a' }));

  it('fails as a test says, so many times or until it ends', async () => {
    const expected: [AwsFailure, string][] = [
      ['throttle', 'ThrottlingException'],
      ['access_denied', 'AccessDeniedException'],
      ['server_error', 'InternalServerError'],
    ];
    for (const [mode, name] of expected) {
      store.fail(mode);
      await assert.rejects(get(), { name });
      await assert.rejects(get(), { name });
    }
    store.fail('throttle', 1);
    await assert.rejects(get(), { name: 'ThrottlingException' });
    await get();
    store.watch((operation) => (operation === 'GetParameter' ? 'reset' : undefined));
    await assert.rejects(get(), { code: 'ECONNRESET' });
    store.watch(undefined);
    await get();
    assert.equal(store.calls.length, 10);
  });

  it('may hang, and closes at once all the same', async () => {
    store.fail('hang');
    const answer = assert.rejects(get(), { code: 'ECONNRESET' });
    await until(() => store.calls.length > 0);
    await store.close();
    await answer;
  });

  it('refuses a request without a signature for its service, and an unknown operation', async () => {
    const post = async (target: string, authorization?: string) => {
      const headers = { 'X-Amz-Target': target, ...(authorization ? { authorization } : {}) };
      const response = await fetch(store.url, { method: 'POST', headers, body: '{}' });
      assert.equal(response.headers.get('content-type'), 'application/x-amz-json-1.1');
      return [response.status, ((await response.json()) as { __type: string }).__type];
    };
    const scope = (service: string) =>
      `AWS4-HMAC-SHA256 Credential=A/20260101/eu-central-1/${service}/aws4_request, SignedHeaders=host, Signature=${'0'.repeat(64)}`;
    const target = 'AmazonSSM.GetParameter';
    const ofPage = { method: 'POST', headers: { Origin: store.url, 'X-Amz-Target': target }, body: '{}' };
    assert.equal((await fetch(store.url, ofPage)).status, 403, 'a web page, whatever its name for 127.0.0.1');
    assert.deepEqual(await post(target), [400, 'MissingAuthenticationTokenException']);
    assert.deepEqual(await post(target, 'Basic x'), [400, 'IncompleteSignatureException']);
    assert.deepEqual(await post(target, scope('kms')), [400, 'IncompleteSignatureException']);
    assert.deepEqual(await post('AmazonSSM.Nothing', scope('ssm')), [400, 'UnknownOperationException']);
  });
});
