import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { fromConnector, startParameterStore } from '../../../local/parameter-store.ts';
import { startSilentProxy } from '../../support/silent-proxy.ts';
import { CONNECTOR, postSms, SECRETS, startStack } from '../../support/stack.ts';
import { startTable } from '../../support/table.ts';

const TABLE = 'smsaero-silent';

const table = await startTable(TABLE);
const parameters = await startParameterStore({ parameters: fromConnector('test', CONNECTOR, SECRETS) });
const toTable = await startSilentProxy(table.url);
const toParameters = await startSilentProxy(parameters.url);
const stack = await startStack({
  remaining: 20_000,
  environment: {
    SMSAERO_GUARD_TIMEOUT_MS: '3000', // half of it for the connection that died
    SMSAERO_DEADLINE_MS: '15000',
    SMSAERO_TABLE: TABLE,
    AWS_ENDPOINT_URL_DYNAMODB: toTable.url,
    AWS_ENDPOINT_URL_SSM: toParameters.url,
  },
});
after(async () => {
  for (const part of [stack, toTable, toParameters, table, parameters]) await part.close();
});

describe('connections to AWS that died without a word', () => {
  const send = async (to: string, key: string) => {
    const changes = { to, ip: '203.0.113.9' };
    const { statusCode, body } = await postSms(stack.hook.url, 'direct', changes, { 'idempotency-key': key });
    return { status: statusCode, body: JSON.parse(body) };
  };

  it('cost a repeat one time-out: it is answered as the first, by a new connection', async () => {
    const first = await send('79051112233', 'order-1');
    assert.equal(first.status, 200);
    const before = toTable.connections();
    toTable.silence();
    const repeat = await send('79051112233', 'order-1');
    assert.deepEqual(repeat, { status: 200, body: { ...first.body, duplicate: true } });
    assert.equal(stack.account.messages().length, 1);
    assert.ok(toTable.connections() > before);
    assert.deepEqual(stack.hook.logs('guard skipped'), []);
  });

  it('let no message pass that a limit refuses', async () => {
    toTable.silence();
    assert.equal((await send('79051112233', 'order-2')).status, 429);
    assert.equal(stack.account.messages().length, 1);
  });

  it('do not keep a renewed key from being read', async () => {
    stack.account.apiKey = 'rotatedKey_0123456789_rotatedKey';
    parameters.put('/smsaero/test/apiKey', stack.account.apiKey);
    toParameters.silence();
    assert.equal((await send('79051112244', 'order-3')).status, 200);
    assert.equal(stack.account.messages().length, 2);
  });
});
