import assert from 'node:assert/strict';
import { after, beforeEach, describe, it } from 'node:test';
import { escapeBraces } from '../../../lib/config/parameters.ts';
import type { FaultOrder } from '../../../local/simulator/index.ts';
import { CONNECTOR, newNumber, startStack, TIME_ENOUGH } from '../../support/stack.ts';

const PATH = '/smsaero/test';
const TELEGRAM = CONNECTOR.templates.map((template) =>
  template.usageType === 'Register' ? template : { ...template, channel: 'telegram' },
);
const SIGN_IN = 'Код для входа: 482913. Никому его не сообщайте.';

const stack = await startStack({
  ...TIME_ENOUGH,
  environment: {
    ...TIME_ENOUGH.environment,
    POWERTOOLS_LOG_LEVEL: 'DEBUG',
    SMSAERO_COUNTRIES: 'RU,KZ',
  },
  guard: true,
  prepare: (parameters) => {
    parameters.put(`${PATH}/templates`, escapeBraces(JSON.stringify(TELEGRAM)));
    parameters.put(`${PATH}/senderNames`, '{"KZ": "MyShopKZ"}');
  },
});
stack.account.senderNames.push('MyShopKZ');
stack.account.telegramAfterMs = 600_000;
after(() => stack.close());

describe('sms-hook: codes by Telegram', () => {
  beforeEach(() => {
    stack.account.ledger.length = 0;
  });

  /** Sends to another number each time. @returns the requests that reached a gate */
  async function send(code: unknown, changes: Record<string, unknown> = {}) {
    const { statusCode } = await stack.logto({ to: newNumber(), payload: { code }, ...changes });
    assert.equal(statusCode, 200);
    return stack.account.ledger.map(({ telegramCode, text }) => ({ telegramCode, text }));
  }
  const order = (fault: FaultOrder['fault']) =>
    stack.gates[0]?.faults.order({ fault, method: 'telegram/send' } as FaultOrder);
  const smsLine = () => stack.hook.logs('sms').at(-1) ?? assert.fail('no line');

  it('are one request, with the whole text for the SMS behind it, logged and counted as such', async () => {
    const before = stack.hook.metrics().length;
    assert.deepEqual(await send('482913'), [{ telegramCode: '482913', text: SIGN_IN }]);
    const [newest] = stack.account.messages();
    assert.equal(newest?.text, '482913', 'and the code as it came');
    const { outcome, channel, messageId, cost, segments } = smsLine();
    assert.deepEqual([outcome, channel, messageId, cost], ['accepted', 'telegram', String(newest?.id), 1]);
    assert.equal(segments, 1);
    const counted = stack.hook.metrics().slice(before);
    const names = counted.map(({ name }) => name);
    assert.ok(names.includes('Accepted') && names.includes('TelegramAccepted'));
    assert.ok(!names.includes('Segments'), 'no segment is billed');
  });

  for (const [why, code, type, text] of [
    ['SMS Aero would not show them as they are', '012345', 'SignIn', SIGN_IN.replace('482913', '012345')],
    ['the template does not say otherwise', '482913', 'Register', 'Код для регистрации: 482913'],
    ['they are temporary passwords, though of digits', '48291345', 'AdminCreateUser', 'Ваш код: 48291345'],
  ] as const) {
    it(`go by SMS where ${why}`, async () => {
      assert.deepEqual(await send(code, { type }), [{ telegramCode: undefined, text }]);
      assert.deepEqual([smsLine()['outcome'], smsLine()['channel']], ['accepted', 'sms']);
    });
  }

  it('are one request also where no answer comes, and a repeat sends nothing, by neither channel', async () => {
    order('reset_after_acceptance');
    const to = newNumber();
    for (const outcome of ['unknown', 'duplicate']) {
      assert.equal((await stack.logto({ to })).statusCode, 504);
      assert.deepEqual([smsLine()['outcome'], smsLine()['channel']], [outcome, 'telegram']);
    }
    const sent = stack.account.ledger.map(({ telegramCode }) => telegramCode);
    assert.deepEqual(sent, ['482913']);
  });

  it('come from the sender name of the country', async () => {
    await send('482913', { to: '77012345678' });
    await send('012345', { to: '77012345679' });
    const sent = stack.account.ledger.map(({ from, telegramCode }) => [from, telegramCode]);
    assert.deepEqual(sent, [
      ['MyShopKZ', '482913'],
      ['MyShopKZ', undefined],
    ]);
  });

  it('leave no code, number or text in any output, whatever SMS Aero answers', async () => {
    for (const fault of ['truncated_json', 'string_types', 'status_rejected', 'half_answer'] as const) {
      order(fault);
      await stack.logto({ to: newNumber(), payload: { code: `77${1000 + stack.account.ledger.length}` } });
    }
    assert.equal(stack.account.ledger.length, 4);
    const written = stack.hook.output();
    assert.ok(written.includes('"channel":"telegram"'));
    assert.doesNotMatch(written, /482913|771\d{3}|7903\d{7}|Никому|Код/);
  });
});
