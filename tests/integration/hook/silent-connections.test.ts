import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { fromConnector, startParameterStore } from '../../../local/parameter-store.ts';
import { DIRECT_SECRET } from '../../support/delivery-stack.ts';
import { startSilentProxy } from '../../support/silent-proxy.ts';
import { CONNECTOR, startStack } from '../../support/stack.ts';
import { startTable } from '../../support/table.ts';

const TABLE = 'smsaero-silent';

describe('connections to AWS that died without a word', () => {
  const closing: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });
  const keep = <Thing extends { close(): Promise<void> }>(thing: Thing): Thing => {
    closing.push(() => thing.close());
    return thing;
  };

  async function start() {
    const table = keep(await startTable(TABLE));
    const parameters = keep(
      await startParameterStore({ parameters: fromConnector('test', CONNECTOR, { direct: DIRECT_SECRET }) }),
    );
    const toTable = keep(await startSilentProxy(table.url));
    const toParameters = keep(await startSilentProxy(parameters.url));
    const stack = keep(
      await startStack({
        plainHttp: true,
        gates: 1,
        environment: {
          SMSAERO_TABLE: TABLE,
          AWS_ENDPOINT_URL_DYNAMODB: toTable.url,
          AWS_ENDPOINT_URL_SSM: toParameters.url,
        },
      }),
    );
    const send = async (to: string, key: string) => {
      const response = await fetch(`${stack.hook.url}/sms/direct`, {
        method: 'POST',
        headers: {
          authorization: DIRECT_SECRET,
          'content-type': 'application/json',
          'idempotency-key': key,
        },
        body: JSON.stringify({ to, type: 'SignIn', payload: { code: '482913' }, ip: '203.0.113.9' }),
      });
      return { status: response.status, body: (await response.json()) as Record<string, unknown> };
    };
    return { stack, parameters, toTable, toParameters, send };
  }

  it('costs a repeat one time-out: it is answered as the first, by a new connection', async () => {
    const { stack, toTable, send } = await start();
    const first = await send('79051112233', 'order-1');
    assert.equal(first.status, 200);
    const before = toTable.connections();
    toTable.silence();
    const repeat = await send('79051112233', 'order-1');
    assert.deepEqual(repeat, { status: 200, body: { ...first.body, duplicate: true } });
    assert.equal(stack.account.messages().length, 1);
    assert.ok(toTable.connections() > before);
    assert.deepEqual(
      stack.hook.logs().filter(({ message }) => message === 'guard skipped'),
      [],
    );
  });

  it('does not let a message pass that a limit refuses', async () => {
    const { stack, toTable, send } = await start();
    assert.equal((await send('79051112233', 'order-1')).status, 200);
    toTable.silence();
    assert.equal((await send('79051112233', 'order-2')).status, 429);
    assert.equal(stack.account.messages().length, 1);
  });

  it('does not keep a renewed key from being read', async () => {
    const { stack, parameters, toParameters, send } = await start();
    assert.equal((await send('79051112233', 'order-1')).status, 200);
    stack.account.apiKey = 'rotatedKey_0123456789_rotatedKey';
    parameters.put('/smsaero/test/apiKey', stack.account.apiKey);
    toParameters.silence();
    assert.equal((await send('79051112244', 'order-2')).status, 200);
    assert.equal(stack.account.messages().length, 2);
  });
});
