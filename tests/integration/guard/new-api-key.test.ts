import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import {
  COMMANDS,
  command,
  type DeliveryStack,
  DIRECT_SECRET,
  startDeliveryStack,
} from '../../support/delivery-stack.ts';
import { LOGTO_SECRET } from '../../support/stack.ts';

/** SMS Aero takes the old key and the new one for a while: no answer tells a function that its key is old. */
describe('a repeat under a new API key', () => {
  let stack: DeliveryStack;
  before(async () => {
    stack = await startDeliveryStack({ functions: ['sms-hook', 'sms-queue'] });
  });
  after(() => stack.close());

  let keys = 0;
  async function rotate() {
    keys += 1;
    const apiKey = `newKey_0123456789_newKey_${keys}`;
    stack.account.apiKey = apiKey;
    stack.parameters.put('/smsaero/test/apiKey', apiKey, 'SecureString');
    await Promise.all([stack.restart('sms-hook'), stack.restart('sms-queue')]);
  }
  const sentTo = (number: string) => stack.account.ledger.filter((entry) => entry.number === number).length;
  async function post(platform: string, body: object, headers: Record<string, string>) {
    const response = await fetch(`${stack.fn('sms-hook').url}/sms/${platform}`, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  }

  it('of Logto is answered as the first', async () => {
    const body = { to: '79031230001', type: 'SignIn', payload: { code: '482913' } };
    const first = await post('logto', body, { authorization: LOGTO_SECRET });
    await rotate();
    assert.deepEqual(await post('logto', body, { authorization: LOGTO_SECRET }), first);
    assert.deepEqual([first.status, sentTo(body.to)], [200, 1]);
  });

  it('with an Idempotency-Key is answered as the first', async () => {
    const body = { to: '79031230002', payload: { code: '482913' } };
    const headers = { authorization: DIRECT_SECRET, 'idempotency-key': 'order-1' };
    const first = await post('direct', body, headers);
    await rotate();
    assert.deepEqual((await post('direct', body, headers)).body, { ...first.body, duplicate: true });
    assert.deepEqual([first.status, sentTo(body.to)], [200, 1]);
  });

  it('of a command is not sent', async () => {
    const to = '79031230003';
    const body = JSON.stringify(command({}, { to }));
    await stack.queues.send(COMMANDS, body);
    await stack.idle();
    await rotate();
    await stack.queues.send(COMMANDS, body);
    await stack.idle();
    assert.deepEqual([sentTo(to), await stack.queues.depth(COMMANDS)], [1, 0]);
  });
});
