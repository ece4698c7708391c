import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { LOCAL_HASH_KEY } from '../../../local/parameter-store.ts';
import { type FaultOrder, faultNames } from '../../../local/simulator/index.ts';
import { httpEvent } from '../../support/http-event.ts';
import { CONNECTOR, LOGTO_SECRET, startStack } from '../../support/stack.ts';

/** What must never be seen in any output: codes, numbers in any writing, texts, keys, secrets, addresses. */
const SECRETS = [
  ...['482913', '9031234567', '903 123', '123-45-67', 'Никому его', 'Код для входа'],
  CONNECTOR.apiKey,
  LOCAL_HASH_KEY,
  CONNECTOR.email,
  Buffer.from(`${CONNECTOR.email}:${CONNECTOR.apiKey}`).toString('base64'),
  LOGTO_SECRET,
  LOGTO_SECRET.slice('Bearer '.length),
  'guess-guess-guess',
  '203.0.113.24',
  'Анна',
];

const options = {
  environment: {
    SMSAERO_DEADLINE_MS: '1500',
    POWERTOOLS_LOG_LEVEL: 'DEBUG',
    POWERTOOLS_LOGGER_LOG_EVENT: 'true',
    NODE_OPTIONS: '--trace-warnings',
  },
};

function assertSilent(everything: string): void {
  for (const secret of SECRETS) {
    const at = everything.indexOf(secret);
    assert.ok(at < 0, `${secret} shows: ${everything.slice(Math.max(0, at - 300), at + 40)}`);
  }
}

const stack = await startStack({ ...options, https: true });
after(() => stack.close());

describe('sms-hook says nothing of secrets', () => {
  const answers: string[] = [];
  const note = (reply: { body: string; headers: object }) =>
    answers.push(reply.body, JSON.stringify(reply.headers));
  const message = (changes: Record<string, unknown> = {}) => ({
    to: '+7 903 123-45-67',
    payload: { code: '482913', user: { name: 'Анна' } },
    ip: '203.0.113.24',
    ...changes,
  });

  it('whatever a gate does', async () => {
    const [{ faults, dropConnections } = assert.fail()] = stack.gates;
    for (const fault of faultNames) faults.order({ fault, delayMs: 500 } as FaultOrder);
    let asked = 0;
    while (faults.pending.length > 0) {
      assert.ok(asked < 10 * faultNames.length, JSON.stringify(faults.pending));
      dropConnections();
      const replies = Array.from({ length: 10 }, () => stack.logto(message()));
      for (const reply of await Promise.all(replies)) note(reply);
      asked += replies.length;
    }
    assertSilent([stack.hook.output(), ...answers].join('\n'));
    assert.equal(stack.hook.logs('sms').length, asked);
  });

  it('through every path', async () => {
    note(await stack.logto(message()));
    note(await stack.logto(message(), { authorization: 'guess-guess-guess' }));
    for (const to of ['+7 495 482 91 30 Анна', '9031234567 482913', '+375 29 482-91-30', ''])
      note(await stack.logto(message({ to })));
    const tooLong = { code: '482913'.repeat(100) };
    for (const payload of [
      {},
      { code: 482913 },
      '482913',
      tooLong,
      { code: '482913', locale: { a: 'Анна' } },
    ]) {
      note(await stack.logto(message({ payload, 'поле 482913': LOGTO_SECRET })));
    }
    const cut = '{"to":"79031234567","payload":{"code":"482913"';
    for (const body of [cut, '482913 79031234567', '482913'.repeat(20_000)]) {
      note(await stack.hook.invoke(httpEvent({ headers: { authorization: LOGTO_SECRET }, body })));
    }
    const noHeaders = { headers: 'Bearer 482913', path: 482913 };
    for (const odd of [null, 'code 482913 79031234567', { body: { code: '482913' } }, noHeaders]) {
      note(await stack.hook.invoke(odd));
    }
    assertSilent([stack.hook.output(), ...answers].join('\n'));
  });

  it('through the guard and its failures, and a key that cannot be used', async (t) => {
    const guarded = await startStack({
      environment: { ...options.environment, SMSAERO_DEADLINE_MS: '6000' },
      remaining: 15_000,
      guard: true,
    });
    t.after(() => guarded.close());
    const replies: string[] = [];
    const ask = async (code: string) =>
      replies.push((await guarded.logto(message({ payload: { code } }))).body);
    // A limit is asked in vain while the machine is busy.
    for (let tries = 0; !replies.at(-1)?.includes('rate_exceeded'); tries += 1) {
      assert.ok(tries < 30, 'no limit');
      await ask(`482913${tries}`);
    }
    for (const failure of ['throttle', 'reset', 'hang'] as const) {
      guarded.table.choose = () => failure;
      await Promise.all(['482913', '482913', '4829134'].map(ask));
    }
    guarded.table.choose = undefined;
    guarded.account.apiKey = 'x';
    guarded.parameters.put('/smsaero/test/apiKey', ` ${CONNECTOR.apiKey} ключ`);
    replies.push((await guarded.logto(message({ to: '+7 903 123-44-67' }))).body);
    assert.equal(guarded.parameters.calls.length, 2, 'the key that cannot be used is read');
    const everything = [guarded.hook.output(), ...replies].join('\n');
    assertSilent(everything);
    assert.ok(everything.includes('guard skipped'));
  });
});
