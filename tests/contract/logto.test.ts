import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import createHttpSmsConnector from '@logto/connector-http-sms';
import { ConnectorError, TemplateType } from '@logto/connector-kit';
import { CONNECTOR, LOGTO_SECRET, type Stack, startStack } from '../support/stack.ts';

/** What Logto's core hands to the connector. */
type Message = { to: string; type: string; payload: Record<string, unknown>; ip?: string };

describe('Logto, through the unmodified @logto/connector-http-sms', () => {
  let stack: Stack;
  before(async () => {
    stack = await startStack();
  });
  after(() => stack.close());
  beforeEach(() => {
    for (const gate of stack.gates) gate.faults.clear();
    stack.account.balance = 1_000;
  });

  async function send(message: Message, config: { endpoint?: string; authorization?: string } = {}) {
    const { sendMessage } = await createHttpSmsConnector({
      getConfig: async () => ({
        endpoint: `${stack.hook.url}/sms/logto`,
        authorization: LOGTO_SECRET,
        ...config,
      }),
    });
    return sendMessage(message as never);
  }

  /** The error body that Logto would show to the person who is signing in. */
  async function refusal(message: Message, config?: { endpoint?: string; authorization?: string }) {
    try {
      await send(message, config);
    } catch (error) {
      assert.ok(error instanceof ConnectorError);
      const { message: body } = error.data as { message: string };
      return JSON.parse(body) as { code: string; message: string; requestId: string };
    }
    assert.fail('The connector took the answer for a success');
  }

  const signIn: Message = {
    to: '79031234567',
    type: 'SignIn',
    payload: { code: '482913', locale: 'ru', uiLocales: 'ru-RU ru en' },
    ip: '203.0.113.24',
  };
  const newest = () => stack.account.messages()[0];

  it('sends what the sign-in page asks for', async () => {
    await send(signIn);
    assert.equal(newest()?.number, '79031234567');
    assert.equal(newest()?.from, CONNECTOR.senderName);
    assert.equal(newest()?.text, 'Код для входа: 482913. Никому его не сообщайте.');
  });

  it("sends the console's test message", async () => {
    await send({ to: '79031234567', type: 'Generic', payload: { code: '000000' }, ip: '198.51.100.7' });
    assert.equal(newest()?.text, 'Ваш код: 000000');
  });

  it('sends what the Management API and the Account API ask for: no locale, no address', async () => {
    await send({ to: '79031234567', type: 'Generic', payload: { code: '111222' } });
    assert.equal(newest()?.text, 'Ваш код: 111222');
    await send({ to: '79031234567', type: 'BindNewIdentifier', payload: { code: '333444', locale: 'en' } });
    assert.equal(newest()?.text, 'Ваш код: 333444');
  });

  for (const type of [...Object.values(TemplateType), 'Test', 'SomethingNew']) {
    it(`has a text for the type ${type}`, async () => {
      await send({ ...signIn, type });
      assert.match(newest()?.text ?? '', /482913/);
    });
  }

  it('speaks the language of the sign-in page', async () => {
    await send({ ...signIn, payload: { code: '482913', locale: 'en-US', uiLocales: 'ru' } });
    assert.equal(newest()?.text, 'Your sign-in code is 482913.');
    await send({ ...signIn, payload: { code: '482913', uiLocales: 'en-GB ru' } });
    assert.equal(newest()?.text, 'Your sign-in code is 482913.');
    await send({ ...signIn, payload: { code: '482913', locale: 'ru', uiLocales: 'en' } });
    assert.match(newest()?.text ?? '', /Код для входа/);
  });

  it('answers with the message id', async () => {
    const response = (await send(signIn)) as {
      statusCode: number;
      body: string;
      headers: Record<string, string>;
    };
    assert.equal(response.statusCode, 200);
    assert.deepEqual(JSON.parse(response.body), { status: 'accepted', messageId: String(newest()?.id) });
    assert.ok(response.headers['x-request-id']);
  });

  it('refuses another authorization, or none, with one and the same answer', async () => {
    const sent = stack.account.ledger.length;
    const bodies = [];
    for (const authorization of [
      'Bearer wrong',
      `${LOGTO_SECRET} `.repeat(2),
      LOGTO_SECRET.toLowerCase(),
      '',
    ]) {
      const { requestId, ...body } = await refusal(signIn, { authorization });
      assert.ok(requestId);
      bodies.push(body);
    }
    assert.deepEqual(
      new Set(bodies.map((body) => JSON.stringify(body))),
      new Set(['{"status":"error","code":"unauthorized","message":"The request is not authorized."}']),
    );
    assert.equal(stack.account.ledger.length, sent);
  });

  it('shows nothing of SMS Aero, the number or the code to the person', async () => {
    for (const fault of [
      ...['no_money', 'unauthorized', 'bad_sender_name', 'bad_gateway_html', 'ip_not_allowed'],
    ] as const) {
      for (const gate of stack.gates) gate.faults.order({ fault });
      const body = JSON.stringify(await refusal(signIn));
      assert.doesNotMatch(body, /482913|4567|money|credential|sign\b|ip-address|html|smsaero/i);
      for (const gate of stack.gates) gate.faults.clear();
    }
  });

  it('says so when the number is no mobile one', async () => {
    const { code, message } = await refusal({ ...signIn, to: '74951234567' });
    assert.deepEqual([code, message], ['invalid_recipient', 'This phone number cannot receive messages.']);
  });

  it('is sent once although the gate answers late', async () => {
    const sent = stack.account.ledger.length;
    stack.gates[0]?.faults.order({ fault: 'late_answer', delayMs: 1_000 });
    await send(signIn);
    assert.equal(stack.account.ledger.length, sent + 1);
  });
});
