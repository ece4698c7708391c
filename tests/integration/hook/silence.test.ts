import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { LOCAL_HASH_KEY } from '../../../local/parameter-store.ts';
import { type FaultOrder, faultNames } from '../../../local/simulator/index.ts';
import { httpEvent } from '../../support/http-event.ts';
import { CONNECTOR, LOGTO_SECRET, type Stack, startStack } from '../../support/stack.ts';

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
    SMSAERO_DEADLINE_MS: '700',
    POWERTOOLS_LOG_LEVEL: 'DEBUG',
    POWERTOOLS_LOGGER_LOG_EVENT: 'true',
    NODE_OPTIONS: '--trace-warnings',
  },
};

/** Stacks that play faults side by side: each request waits for its deadline. */
const SIDE_BY_SIDE = 5;

function assertSilent(everything: string): void {
  for (const secret of SECRETS) {
    const at = everything.indexOf(secret);
    assert.ok(at < 0, `${secret} shows: ${everything.slice(Math.max(0, at - 300), at + 40)}`);
  }
}

describe('sms-hook says nothing of secrets', () => {
  let stack: Stack;
  const answers: string[] = [];
  before(async () => {
    stack = await startStack(options);
  });
  after(() => stack.close());

  const note = (reply: { body: string; headers: object }) =>
    answers.push(reply.body, JSON.stringify(reply.headers));
  const message = (changes: Record<string, unknown> = {}) => ({
    to: '+7 903 123-45-67',
    payload: { code: '482913', user: { name: 'Анна' } },
    ip: '203.0.113.24',
    ...changes,
  });

  it('whatever a gate does', async () => {
    const faults = faultNames.values();
    const play = async () => {
      const one = await startStack(options);
      try {
        for (const fault of faults) {
          for (const gate of one.gates) {
            gate.faults.clear();
            gate.dropConnections();
            gate.faults.order({ fault, delayMs: 1_000 } as FaultOrder);
          }
          const { body, headers } = await one.logto(message());
          assertSilent([body, JSON.stringify(headers)].join('\n'));
        }
        assertSilent(one.hook.output());
        return one.hook.logs().filter((line) => line['message'] === 'sms').length;
      } finally {
        await one.close();
      }
    };
    const logged = await Promise.all(Array.from({ length: SIDE_BY_SIDE }, play));
    assert.equal(
      logged.reduce((sum, lines) => sum + lines),
      faultNames.length,
    );
  });

  it('through every path', async () => {
    note(await stack.logto(message()));
    note(await stack.logto(message(), { authorization: 'guess-guess-guess' }));
    for (const to of ['+7 495 482 91 30 Анна', '9031234567 482913', '+375 29 482-91-30', ''])
      note(await stack.logto(message({ to })));
    for (const payload of [
      {},
      { code: 482913 },
      '482913',
      { code: '482913'.repeat(100) },
      { code: '482913', locale: { a: 'Анна' } },
    ]) {
      note(await stack.logto(message({ payload, 'поле 482913': LOGTO_SECRET })));
    }
    for (const body of [
      '{"to":"79031234567","payload":{"code":"482913"',
      '482913 79031234567',
      '482913'.repeat(20_000),
    ]) {
      note(await stack.hook.invoke(httpEvent({ headers: { authorization: LOGTO_SECRET }, body })));
    }
    for (const odd of [
      null,
      'code 482913 79031234567',
      { body: { code: '482913' } },
      { headers: 'Bearer 482913', path: 482913 },
    ]) {
      note(await stack.hook.invoke(odd));
    }
    stack.account.apiKey = 'x';
    stack.parameters.put('/smsaero/test/apiKey', ` ${CONNECTOR.apiKey} ключ`);
    note(await stack.logto(message()));

    assertSilent([stack.hook.output(), ...answers].join('\n'));
  });

  it('through the guard and its failures', async () => {
    const guarded = await startStack({ ...options, guard: true, plainHttp: true, gates: 1 });
    const replies: string[] = [];
    for (const failure of [
      undefined,
      'throttle',
      'server_error',
      'reset',
      'lost_answer',
      'hang',
      undefined,
    ] as const) {
      guarded.table.choose = failure && (() => failure);
      const codes = ['482913', '482913', '4829134'];
      const asked = codes.map((code) => guarded.logto(message({ payload: { code } })));
      replies.push(...(await Promise.all(asked)).map(({ body }) => body));
    }
    const everything = [guarded.hook.output(), ...replies].join('\n');
    await guarded.close();
    assertSilent(everything);
    assert.match(everything, /guard skipped/);
    assert.match(everything, /rate_exceeded/);
  });

  it('writes one line a message, with all that an operator needs', async () => {
    stack.account.apiKey = CONNECTOR.apiKey;
    const fresh = await startStack();
    await fresh.logto({ to: '+7 903 123-45-67', payload: { code: '482913', locale: 'en' } });
    const [line, ...others] = fresh.hook.logs();
    const [sent] = fresh.account.messages();
    await fresh.close();

    assert.deepEqual(others, []);
    const { timestamp, ms, function_request_id, ...fields } = line as Record<string, unknown> & {
      ms: Record<string, number>;
    };
    assert.match(String(timestamp), /^\d{4}-\d\d-\d\dT/);
    assert.match(String(function_request_id), /^0000/);
    assert.deepEqual(Object.keys(ms).sort(), [
      ...['config', 'gateway', 'recipient', 'record', 'template', 'total'],
    ]);
    assert.ok(Object.values(ms).every((value) => typeof value === 'number' && value >= 0));
    const expected = {
      level: 'INFO',
      message: 'sms',
      service: 'smsaero',
      outcome: 'accepted',
      platform: 'logto',
      usageType: 'SignIn',
      locale: 'en',
      recipient: '+7903•••4567',
      country: 'RU',
      encoding: 'GSM-7',
      segments: 1,
      cost: 4.19,
      messageId: String(sent?.id),
      gate: '127.0.0.1',
      answer: 200,
    };
    for (const [name, value] of Object.entries(expected)) {
      assert.deepEqual(fields[name], value, name);
    }
  });
});
