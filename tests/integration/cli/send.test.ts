import assert from 'node:assert/strict';
import http from 'node:http';
import { createServer } from 'node:net';
import { after, afterEach, before, describe, it } from 'node:test';
import { escapeBraces } from '../../../lib/config/parameters.ts';
import { PLATFORMS } from '../../../lib/platforms/index.ts';
import { listen } from '../../../local/loopback.ts';
import { type CommandLine, openCommandLine } from '../../support/cli.ts';
import { type RunningFunction, startFunction } from '../../support/function.ts';
import { CONNECTOR, type Stack, startStack } from '../../support/stack.ts';

const TELEGRAM = { usageType: 'MfaVerification', content: 'Код: {{code}}', channel: 'telegram' };
const DIRECT_SECRET = 'Bearer direct-secret-0123456789';

describe('send and status', () => {
  let stack: Stack;
  let cli: CommandLine;
  let messageStatus: RunningFunction;
  before(async () => {
    stack = await startStack({
      plainHttp: true,
      gates: 2,
      guard: true,
      prepare: (store) => {
        for (const { name, contract } of PLATFORMS) {
          const secret = name === 'direct' ? DIRECT_SECRET : contract().secret.local;
          store.put(`/smsaero/test/platforms/${name}`, secret, 'SecureString');
        }
        store.put(
          '/smsaero/test/templates',
          escapeBraces(JSON.stringify([...CONNECTOR.templates, TELEGRAM])),
        );
      },
      environment: { SMSAERO_LIMIT_RECIPIENT_INTERVAL_S: '0', SMSAERO_GUARD_TIMEOUT_MS: '2000' },
    });
    const environment = {
      AWS_ENDPOINT_URL_SSM: stack.parameters.url,
      AWS_ENDPOINT_URL_DYNAMODB: stack.table.url,
      SMSAERO_GATES: stack.gates.map(({ url }) => url).join(','),
    };
    cli = await openCommandLine(environment);
    messageStatus = await startFunction('message-status', {
      ...environment,
      SMSAERO_CONFIG_PATH: '/smsaero/test',
      SMSAERO_TABLE: 'smsaero-test',
    });
  });
  afterEach(() => {
    for (const gate of stack.gates) gate.faults.clear();
  });
  after(async () => {
    await cli.close();
    await messageStatus.close();
    await stack.close();
  });

  const send = (...args: string[]) => sendAnd(() => {}, ...args);
  /** @param pause called in place of each pause between two looks at the message */
  const sendAnd = (pause: () => void, ...args: string[]) =>
    cli.run(['send', '--stage', 'test', '--to', '8 903 123-45-67', ...args], {}, { pause });
  /** What does not depend on ids and the clock. */
  const lines = (output: string) =>
    output
      .trimEnd()
      .split('\n')
      .map((line) =>
        line
          .replaceAll(/\b\d{6,}\b/g, 'ID')
          .replaceAll(/\b[\w-]{22}\b/g, 'DELIVERY')
          .replace(/^ *\d s/, 'N s'),
      );

  it('checks a message in test mode, for nothing', async () => {
    const { exitCode, output, problems } = await send('--type', 'SignIn', '--locale', 'en-GB', '--dry-run');
    assert.deepEqual(
      [exitCode, problems, lines(output)],
      [
        0,
        '',
        [
          'To +7903•••4567 as SMSAero: SignIn, en; GSM-7, 1 segment',
          'Test message: nothing is sent or paid for. Accepted by 127.0.0.1: message ID',
          'N s  delivered',
        ],
      ],
    );
    assert.equal(stack.account.ledger.length, 0);
    const [message] = stack.account.messages(true);
    assert.equal(message?.text, 'Your sign-in code is 000000.');
    const asked = await cli.run(['status', String(message?.id), '--stage', 'test', '--test']);
    assert.deepEqual(
      [asked.exitCode, lines(asked.output)[0]?.split('  ').slice(0, 2)],
      [0, ['ID', 'delivered']],
    );
  });

  it('sends one straight to SMS Aero and follows it to its end', async () => {
    let deliver = () => {};
    stack.account.events.once('accepted', ({ id }) => {
      stack.account.setStatus(id, 3);
      deliver = () => stack.account.setStatus(id, 1);
    });
    let pauses = 0;
    const pause = () => {
      pauses += 1;
      if (pauses === 30) deliver();
    };
    const { exitCode, output, problems } = await sendAnd(pause, '--code', '482913');
    assert.deepEqual(
      [exitCode, problems, lines(output)],
      [
        0,
        '',
        [
          'To +7903•••4567 as SMSAero: Generic; UCS-2, 1 segment',
          'Accepted by 127.0.0.1: message ID, 4.19 RUB',
          'N s  sent',
          '  70 s  delivered', // 20 pauses of a second, then 10 of five
        ],
      ],
    );
    for (const secret of ['482913', '79031234567', '\u001b']) assert.ok(!output.includes(secret), output);
  });

  it('sends a code by Telegram where the template says so, and follows the SMS that takes over', async () => {
    stack.account.events.once('accepted', ({ id }) => {
      stack.account.events.once('accepted', (sms) => void stack.account.setStatus(sms.id, 1));
      stack.account.setStatus(id, 2);
    });
    const type = ['--type', 'MfaVerification'];
    const { exitCode, output } = await send(...type, '--code', '482913');
    assert.deepEqual(
      [exitCode, lines(output)],
      [
        0,
        [
          'To +7903•••4567 by Telegram, or if that fails by SMS as SMSAero: MfaVerification; UCS-2, 1 segment',
          'Accepted by 127.0.0.1: message ID, 1.00 RUB',
          'N s  delivered',
        ],
      ],
    );
    const [sms, telegram] = stack.account.messages();
    const asked = await cli.run(['status', String(telegram?.id), '--stage', 'test', '--telegram']);
    assert.deepEqual(
      [asked.exitCode, asked.output.split('\n')[1]],
      [0, `SMS ${sms?.id} took over from Telegram`],
    );
    assert.equal((await cli.run(['status', String(telegram?.id), '--stage', 'test'])).exitCode, 1);
    const zero = await send(...type, '--code', '012345', '--timeout', '1s');
    assert.equal(
      lines(zero.output)[0],
      'To +7903•••4567 as SMSAero: MfaVerification; UCS-2, 1 segment',
      'a leading zero',
    );
  });

  it('says why a message does not arrive, and where to ask later', async () => {
    stack.gates[0]?.faults.order({ fault: 'moderation' });
    const { exitCode, output } = await send('--timeout', '10m');
    assert.equal(exitCode, 1);
    assert.deepEqual(lines(output).slice(2), [
      'N s  moderation: SMS Aero looks at it by hand, which takes 5 to 10 minutes until there is a contract',
      'No end within 10 min: moderation. Ask later: npm run smsaero -- status ID --stage test --region eu-central-1',
    ]);
    const id = String(stack.account.messages()[0]?.id);
    const asked = await cli.run(['status', id, '--stage', 'test']);
    assert.deepEqual(asked, { exitCode: 0, output: `${id}  moderation\n`, problems: '' });
  });

  it('says what SMS Aero refused, and what to do', async () => {
    for (const [fault, problem] of [
      ['no_money', 'Not sent: the balance does not cover the message; top up at https://smsaero.ru/\n'],
      [
        'reset_after_acceptance',
        'Not known whether it was sent: no answer came: the message may be on its way; look into the cabinet before sending again\n',
      ],
    ] as const) {
      stack.gates[0]?.faults.order({ fault });
      const { exitCode, problems } = await send();
      assert.deepEqual([exitCode, problems], [1, problem]);
    }
    const abroad = await send('--to', '+447400123456');
    assert.deepEqual(
      [abroad.exitCode, abroad.problems],
      [1, '+4474•••3456 is a number of GB, and messages go only to RU\n'],
    );
    const blocking = { SMSAERO_LIMIT_RANGE_HOUR: 'RU-903:0' };
    const blocked = await cli.run(['send', '--stage', 'test', '--to', '+79031234567'], blocking);
    assert.deepEqual(
      [blocked.exitCode, blocked.problems],
      [1, '+7903•••4567 is of a range that SMSAERO_LIMIT_RANGE_HOUR blocks\n'],
    );
    const landline = await send('--to', '8 (800) 555-35-35');
    assert.deepEqual(
      [landline.exitCode, landline.problems],
      [1, '--to is not a mobile number that can receive a message\n'],
    );
  });

  it('sends through the deployed API as a backend, and reads the delivery from the table', async () => {
    const { exitCode, output } = await send('--url', `${stack.hook.url}/sms/direct`, '--timeout', '1s');
    assert.equal(exitCode, 1);
    assert.deepEqual(lines(output), [
      'Accepted: delivery DELIVERY, message ID, 1 segment, 4.19 RUB',
      'No end within 1 s: nothing is known. Ask later: npm run smsaero -- status DELIVERY --stage test --region eu-central-1',
    ]);
    const id = /delivery ([\w-]{22})/.exec(output)?.[1] ?? '';
    const status = await cli.run(['status', id, '--stage', 'test']);
    assert.equal(status.exitCode, 0, status.problems);
    assert.deepEqual(
      lines(status.output).map((line) =>
        line.split(/ {2,}/).filter((_, index) => index === 0 || !/UTC/.test(line)),
      ),
      [
        ['state', 'accepted'],
        ['since'],
        ['sent'],
        ['message', 'ID'],
        ['platform', 'direct'],
        ['usage type', 'Generic'],
        ['sender name', 'SMSAero'],
        ['country', 'RU'],
        ['segments', '1'],
        ['cost', '4.19 RUB'],
        ['SMS Aero may know more: npm run smsaero -- status ID --stage test --region eu-central-1'],
      ],
    );
    const asked = await fetch(`${messageStatus.url}/messages/${id}`, {
      headers: { authorization: DIRECT_SECRET },
    });
    assert.equal(((await asked.json()) as { status: string }).status, 'accepted');
  });

  for (const [index, { name }] of PLATFORMS.entries()) {
    it(`sends as ${name}, and says what came of it`, async () => {
      const to = `7902${String(index).padStart(2, '0')}21001`;
      const code = String(482_000 + index);
      stack.account.events.once('accepted', ({ id }) => void stack.account.setStatus(id, 1));
      const { exitCode, output, problems } = await cli.run([
        ...['send', '--stage', 'test', '--to', to, '--code', code, '--url', stack.hook.url],
        ...['--platform', name, '--timeout', '1s'],
      ]);
      const [message] = stack.account.messages();
      assert.deepEqual([message?.number, message?.text.includes(code), problems], [to, true, '']);
      const id = String(message?.id);
      if (name === 'supabase') {
        const line = 'Accepted, or it may have been: supabase is not told more, so look at the phone\n';
        assert.deepEqual([exitCode, output], [1, line]);
      } else {
        assert.ok(output.includes(`message ${id}`), output);
        // A delivery is followed in the table, where no report comes in this test.
        assert.equal(exitCode, name === 'direct' ? 1 : 0, output);
      }
    });
  }

  it('takes no 200 for a success that says something else', async () => {
    for (const [fault, name, answer] of [
      ['no_money', 'okta', /answered 200 \{"error":\{"errorSummary":"The message could not be sent\."/],
      ['reset_after_acceptance', 'okta', /answered 200 \{"commands":\[.*"PENDING"/],
      ['no_money', 'supabase', /answered 200 \{"error":\{"http_code":500,/],
      ['no_money', 'authentik', /answered 502 "The message could not be sent\."/],
      ['reset_after_acceptance', 'zitadel', /answered 204 nothing, so it may have been sent/],
    ] as const) {
      stack.gates[0]?.faults.order({ fault });
      const { exitCode, problems } = await send(
        '--url',
        stack.hook.url,
        '--platform',
        name,
        '--to',
        '8 909 221-00-02',
      );
      assert.equal(exitCode, 1);
      assert.match(problems, answer);
      assert.match(problems, /: the log has it under request [\w-]{36}\n$/);
    }
  });

  it('tells usage type and language where the platform does, and refuses them elsewhere', async () => {
    const wish = [
      '--to',
      '79032210003',
      '--url',
      stack.hook.url,
      '--type',
      'SignIn',
      '--locale',
      'en-GB',
      '--timeout',
      '1s',
    ];
    for (const name of ['direct', 'logto', 'webhook', 'authentik']) {
      await send(...wish, '--platform', name);
      assert.equal(stack.account.messages()[0]?.text, 'Your sign-in code is 000000.', name);
    }
    const sentBefore = stack.account.ledger.length;
    for (const [name, option] of [
      ['okta', '--type "SignIn"'],
      ['keycloak', '--type "SignIn"'],
    ] as const) {
      const { exitCode, problems } = await send(...wish, '--platform', name);
      assert.equal(exitCode, 2);
      assert.ok(problems.startsWith(`error: ${option} cannot be told by ${name}`), problems);
    }
    const { problems } = await send('--url', stack.hook.url, '--locale', 'en', '--platform', 'zitadel');
    assert.match(problems, /^error: --locale "en" cannot be told by zitadel, which has no field for it\n/);
    assert.equal(stack.account.ledger.length, sentBefore);
  });

  it('passes on what the API answered', async () => {
    stack.gates[0]?.faults.order({ fault: 'no_money' });
    const { exitCode, problems } = await send('--url', stack.hook.url, '--platform', 'logto');
    assert.equal(exitCode, 1);
    assert.match(
      problems,
      /^http:\/\/127\.0\.0\.1:\d+ answered 502 gateway_refused: the log has it under request [\w-]{36}\n$/,
    );
    const { authority, close } = await listen(createServer());
    await close();
    const nobody = await send('--url', `https://${authority}`);
    assert.deepEqual(
      [nobody.exitCode, nobody.problems],
      [1, `${authority} cannot be reached (ECONNREFUSED)\n`],
    );
  });

  it('says when to try again after a 429', async () => {
    const busy = http.createServer((request, response) => {
      request.resume();
      response.writeHead(429, { 'Retry-After': '540', 'Content-Type': 'application/json' });
      response.end(JSON.stringify({ code: 'rate_exceeded', requestId: 'abc' }));
    });
    const { authority, close } = await listen(busy);
    const { exitCode, problems } = await send('--url', `http://${authority}`);
    await close();
    assert.deepEqual(
      [exitCode, problems],
      [
        1,
        `http://${authority} answered 429 rate_exceeded: the log has it under request abc; try again in 9 min\n`,
      ],
    );
  });

  it('refuses usage types that neither a platform nor the stage has', async () => {
    const sentBefore = stack.account.ledger.length;
    const { exitCode, output, problems } = await send('--type', 'signin');
    assert.deepEqual([exitCode, output], [2, '']);
    assert.match(
      problems,
      /^error: --type "signin" is not a usage type \(Register, .*\): did you mean SignIn\?\n/,
    );
    assert.equal(stack.account.ledger.length, sentBefore);
  });

  it('prints JSON for scripts, and nothing else', async () => {
    const printed = async (...args: string[]) => {
      const { output, problems } = await send('--json', '--timeout', '1s', ...args);
      assert.equal(problems, '');
      return JSON.parse(output);
    };
    const dry = await printed('--dry-run');
    assert.deepEqual(Object.keys(dry), ['messageId', 'channel', 'cost', 'test', 'state', 'delivered']);
    assert.deepEqual([dry.test, dry.state, dry.delivered], [true, 'delivered', true]);
    const { deliveryId, messageId, ...rest } = await printed('--url', stack.hook.url);
    assert.deepEqual(rest, { segments: 1, cost: 4.19, state: null, delivered: false });
    const status = async (id: string) => {
      const { output } = await cli.run(['status', id, '--stage', 'test', '--json']);
      return JSON.parse(output);
    };
    const record = await status(deliveryId);
    assert.deepEqual([record.id, record.state, record.message], [deliveryId, 'accepted', messageId]);
    assert.equal((await status(messageId)).id, messageId);
  });

  it('knows what does not go together', async () => {
    for (const [args, problem] of [
      [['--to', '1', '--platform', 'logto'], '--platform needs --url'],
      [
        ['--to', '1', '--dry-run', '--url', 'https://x'],
        "option '--dry-run' cannot be used with option '--url <url>'",
      ],
      [
        ['--to', '1', '--url', 'https://x', '--platform', 'x'],
        `"x" is not a platform of this version (${PLATFORMS.map(({ name }) => name).join(', ')})`,
      ],
      [
        ['--to', '1', '--url', 'http://example.com'],
        "option '--url <url>' argument 'http://example.com' is invalid. Write https://…; http:// is for this machine only.",
      ],
    ] as const) {
      assert.deepEqual(await cli.run(['send', ...args]), {
        exitCode: 2,
        output: '',
        problems: `error: ${problem}\nHelp: npm run smsaero -- send --help\n`,
      });
    }
    const odd = await cli.run(['status', 'x']);
    assert.equal(odd.exitCode, 2);
    for (const [id, problem] of [
      ['5', 'SMS Aero does not know message 5; one of send --dry-run needs --test\n'],
      [
        'AAAAAAAAAAAAAAAAAAAAAA',
        'smsaero-test has no delivery AAAAAAAAAAAAAAAAAAAAAA: deliveries are kept for 30 days\n',
      ],
    ] as const) {
      const { exitCode, problems } = await cli.run(['status', id, '--stage', 'test']);
      assert.deepEqual([exitCode, problems], [1, problem]);
    }
    const { problems } = await cli.run(['status', 'AAAAAAAAAAAAAAAAAAAAAA', '--stage', 'none']);
    assert.equal(
      problems,
      'The table smsaero-none does not exist: is the stage deployed, and in this region?\n',
    );
  });
});
