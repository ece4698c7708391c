import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { escapeBraces } from '../../../lib/config/parameters.ts';
import type { FaultOrder } from '../../../local/simulator/index.ts';
import { CONNECTOR, type Stack, startStack, TIME_ENOUGH } from '../../support/stack.ts';

const PATH = '/smsaero/test';
const TELEGRAM = CONNECTOR.templates.map((template) =>
  template.usageType === 'Register' ? template : { ...template, channel: 'telegram' },
);
const limits = ['RECIPIENT_INTERVAL_S', 'RECIPIENT_10_MINUTES', 'RECIPIENT_DAY'];
const NO_LIMITS = Object.fromEntries(limits.map((limit) => [`SMSAERO_LIMIT_${limit}`, '0']));

/** A stack with templates for Telegram, without limits for one phone. */
const start = (environment: Record<string, string> = {}, templates: object[] = TELEGRAM) =>
  startStack({
    ...TIME_ENOUGH,
    environment: {
      ...TIME_ENOUGH.environment,
      ...NO_LIMITS,
      POWERTOOLS_LOG_LEVEL: 'DEBUG',
      SMSAERO_DEADLINE_MS: '2000', // what is never answered waits for it
      ...environment,
    },
    plainHttp: true,
    guard: true,
    prepare: (parameters) => {
      parameters.put(`${PATH}/templates`, escapeBraces(JSON.stringify(templates)));
      parameters.put(`${PATH}/senderNames`, '{"KZ": "MyShopKZ"}');
    },
  });

describe('sms-hook: codes by Telegram', () => {
  let stack: Stack;
  before(async () => {
    stack = await start({ SMSAERO_COUNTRIES: 'RU,KZ' });
    stack.account.senderNames.push('MyShopKZ');
    stack.account.telegramAfterMs = Number.POSITIVE_INFINITY;
  });
  after(() => stack.close());
  beforeEach(() => {
    stack.account.ledger.length = 0;
  });

  let numbers = 0;
  /** Sends to another number each time. @returns the requests that reached a gate */
  async function send(code: unknown, changes: Record<string, unknown> = {}) {
    numbers += 1;
    const to = `7903${String(numbers).padStart(7, '0')}`;
    const { statusCode } = await stack.logto({ to, payload: { code }, ...changes });
    assert.equal(statusCode, 200);
    return stack.account.ledger.map(({ telegramCode, text }) => ({ telegramCode, text }));
  }
  const smsLine = () =>
    stack.hook
      .logs()
      .filter(({ message }) => message === 'sms')
      .at(-1) ?? assert.fail('no line');

  it('are one request, with the whole text for the SMS behind it', async () => {
    assert.deepEqual(await send('482913'), [
      { telegramCode: '482913', text: 'Код для входа: 482913. Никому его не сообщайте.' },
    ]);
    assert.deepEqual([stack.account.messages()[0]?.text], ['482913'], 'and the code as it came');
  });

  it('are logged and counted as such', async () => {
    const before = stack.hook.metrics().length;
    await send('482913');
    const { outcome, channel, messageId, cost, segments } = smsLine();
    const [newest] = stack.account.messages();
    assert.deepEqual([outcome, channel, messageId, cost], ['accepted', 'telegram', String(newest?.id), 1]);
    assert.equal(segments, 1);
    const counted = stack.hook.metrics().slice(before);
    const names = counted.map(({ name }) => name);
    assert.ok(names.includes('Accepted') && names.includes('TelegramAccepted'));
    assert.ok(!names.includes('Segments'), 'no segment is billed');
  });

  for (const code of ['012345', 'A1B2C3']) {
    it(`go by SMS where SMS Aero would not show them as they are: ${code}`, async () => {
      const [request, ...more] = await send(code);
      assert.deepEqual([request?.telegramCode, more], [undefined, []]);
      assert.ok(request?.text.includes(code));
      const { outcome, channel } = smsLine();
      assert.deepEqual([outcome, channel], ['accepted', 'sms']);
    });
  }

  it('go by SMS where the template does not say otherwise', async () => {
    const [request] = await send('482913', { type: 'Register' });
    assert.deepEqual(request, { telegramCode: undefined, text: 'Код для регистрации: 482913' });
  });

  it('go by SMS where they are temporary passwords, though of digits and with the Generic template', async () => {
    const [request] = await send('48291345', { type: 'AdminCreateUser' });
    assert.deepEqual(request, { telegramCode: undefined, text: 'Ваш код: 48291345' });
  });

  it('are repeated by neither channel, and the repeat is answered as the first', async () => {
    const message = { to: '79039999999', payload: { code: '482913' } };
    const first = await stack.logto(message);
    const again = await stack.logto(message);
    assert.deepEqual([again.statusCode, again.body], [200, first.body]);
    assert.equal(stack.account.ledger.length, 1);
    assert.deepEqual([smsLine()['outcome'], smsLine()['channel']], ['duplicate', 'telegram']);
  });

  for (const [order, status, code] of [
    [{ fault: 'reset_after_acceptance' }, 504, 'outcome_unknown'],
    [{ fault: 'no_money' }, 502, 'gateway_refused'],
  ] as [FaultOrder, number, string][]) {
    it(`${order.fault}: ${code}, after one request and no SMS`, async () => {
      for (const gate of stack.gates) gate.faults.order({ ...order, method: 'telegram/send' });
      numbers += 1;
      const to = `7904${String(numbers).padStart(7, '0')}`;
      const reply = await stack.logto({ to });
      for (const gate of stack.gates) gate.faults.clear();
      assert.deepEqual([reply.statusCode, JSON.parse(reply.body).code], [status, code]);
      assert.deepEqual(
        stack.account.ledger.map(({ telegramCode }) => telegramCode),
        ['482913'],
      );
      assert.equal(smsLine()['channel'], 'telegram');
      if (status === 504) {
        assert.equal((await stack.logto({ to })).statusCode, 504);
        assert.equal(stack.account.ledger.length, 1, 'and a repeat sends nothing');
      }
    });
  }

  it('come from the sender name of the country', async () => {
    await send('482913', { to: '77012345678' });
    await send('012345', { to: '77012345679' });
    await send('482913');
    assert.deepEqual(
      stack.account.ledger.map(({ from, telegramCode }) => [from, telegramCode]),
      [
        ['MyShopKZ', '482913'],
        ['MyShopKZ', undefined],
        ['SMSAero', '482913'],
      ],
    );
  });

  it('leave no code, number or text in any output, whatever SMS Aero answers', async () => {
    for (const fault of ['truncated_json', 'string_types', 'status_rejected', 'half_answer'] as const) {
      for (const gate of stack.gates) gate.faults.order({ fault, method: 'telegram/send' });
      await stack.logto({ to: '79055555555', payload: { code: `77${1000 + stack.account.ledger.length}` } });
      for (const gate of stack.gates) gate.faults.clear();
    }
    assert.equal(stack.account.ledger.length, 4);
    const written = stack.hook.output();
    assert.ok(written.includes('"channel":"telegram"'));
    assert.doesNotMatch(written, /482913|771\d{3}|790\d{8}|Никому|Код/);
  });
});

describe('sms-hook: codes by SMS', () => {
  let stack: Stack;
  after(() => stack.close());

  it('are all with SMSAERO_TELEGRAM=off', async () => {
    stack = await start({ SMSAERO_TELEGRAM: 'off' });
    const { statusCode } = await stack.logto();
    assert.equal(statusCode, 200);
    assert.deepEqual(
      stack.account.ledger.map(({ telegramCode, text }) => [telegramCode, text]),
      [[undefined, 'Код для входа: 482913. Никому его не сообщайте.']],
    );
  });
});
