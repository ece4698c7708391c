import assert from 'node:assert/strict';
import http from 'node:http';
import { text } from 'node:stream/consumers';
import { after, afterEach, before, describe, it } from 'node:test';
import { escapeBraces } from '../../../lib/config/parameters.ts';
import { PLATFORMS } from '../../../lib/platforms/index.ts';
import { listen } from '../../../local/loopback.ts';
import { assertFails, type CommandLine, linesOf, openCommandLine } from '../../support/cli.ts';
import { CONNECTOR, type Stack, startStack, TIME_ENOUGH } from '../../support/stack.ts';

const TELEGRAM = { usageType: 'MfaVerification', content: 'Код: {{code}}', channel: 'telegram' };
const DIRECT_SECRET = 'Bearer direct-secret-0123456789';
const WHERE = '--stage test --region eu-central-1';

describe('send and status', () => {
  let stack: Stack;
  let cli: CommandLine;
  before(async () => {
    stack = await startStack({
      ...{ gates: 2, guard: true, remaining: TIME_ENOUGH.remaining },
      prepare: (store) => {
        for (const { name, contract } of PLATFORMS) {
          const secret = name === 'direct' ? DIRECT_SECRET : contract().secret.local;
          store.put(`/smsaero/test/platforms/${name}`, secret, 'SecureString');
        }
        const templates = JSON.stringify([...CONNECTOR.templates, TELEGRAM]);
        store.put('/smsaero/test/templates', escapeBraces(templates));
      },
      environment: { ...TIME_ENOUGH.environment, SMSAERO_LIMIT_RECIPIENT_INTERVAL_S: '0' },
    });
    cli = await openCommandLine({
      AWS_ENDPOINT_URL_SSM: stack.parameters.url,
      AWS_ENDPOINT_URL_DYNAMODB: stack.table.url,
      SMSAERO_GATES: stack.gates.map(({ url }) => url).join(','),
    });
  });
  afterEach(() => {
    for (const gate of stack.gates) gate.faults.clear();
  });
  after(async () => {
    await cli.close();
    await stack.close();
  });

  const send = (...args: string[]) => sendAnd(() => {}, ...args);
  /** @param pause called in place of each pause between two looks at the message */
  const sendAnd = (pause: () => void, ...args: string[]) =>
    cli.run(['send', '--stage', 'test', '--to', '8 903 123-45-67', ...args], {}, { pause });
  const status = (id: unknown, ...args: string[]) =>
    cli.run(['status', String(id), '--stage', 'test', ...args]);
  /** What does not depend on ids and the clock. */
  const steady = (output: string) =>
    linesOf(output).map((line) =>
      line
        .replaceAll(/\b\d{6,}\b/g, 'ID')
        .replaceAll(/\b[\w-]{22}\b/g, 'DELIVERY')
        .replace(/^ *\d s/, 'N s'),
    );

  it('checks a message in test mode, for nothing', async () => {
    const { exitCode, output, problems } = await send('--type', 'SignIn', '--locale', 'en-GB', '--dry-run');
    assert.deepEqual([exitCode, problems], [0, '']);
    assert.deepEqual(steady(output), [
      'To +7903•••4567 as SMSAero: SignIn, en; GSM-7, 1 segment',
      'Test message: nothing is sent or paid for. Accepted by 127.0.0.1: message ID',
      'N s  delivered',
    ]);
    assert.equal(stack.account.ledger.length, 0);
    const [message] = stack.account.messages(true);
    assert.equal(message?.text, 'Your sign-in code is 000000.');
    assert.match((await status(message?.id, '--test')).output, /^\d+ {2}delivered/);
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
    assert.deepEqual([exitCode, problems], [0, '']);
    assert.deepEqual(steady(output), [
      'To +7903•••4567 as SMSAero: Generic; UCS-2, 1 segment',
      'Accepted by 127.0.0.1: message ID, 4.19 RUB',
      'N s  sent',
      '  70 s  delivered', // 20 pauses of a second, then 10 of five
    ]);
    for (const secret of ['482913', '79031234567', '\u001b']) assert.ok(!output.includes(secret), output);
  });

  it('sends a code by Telegram where the template says so, and follows the SMS that takes over', async () => {
    stack.account.events.once('accepted', ({ id }) => {
      stack.account.events.once('accepted', (sms) => void stack.account.setStatus(sms.id, 1));
      stack.account.setStatus(id, 2);
    });
    const type = ['--type', 'MfaVerification'];
    const { exitCode, output } = await send(...type, '--code', '482913');
    assert.equal(exitCode, 0);
    assert.deepEqual(steady(output), [
      'To +7903•••4567 by Telegram, or if that fails by SMS as SMSAero: MfaVerification; UCS-2, 1 segment',
      'Accepted by 127.0.0.1: message ID, 1.00 RUB',
      'N s  delivered',
    ]);
    const [sms, telegram] = stack.account.messages();
    const asked = await status(telegram?.id, '--telegram');
    assert.equal(linesOf(asked.output)[1], `SMS ${sms?.id} took over from Telegram`);
    assert.equal((await status(telegram?.id)).exitCode, 1);
    const zero = await send(...type, '--code', '012345', '--timeout', '1s');
    assert.match(zero.output, /^To \+7903•••4567 as SMSAero: Mfa/, 'a leading zero');
  });

  it('says why a message does not arrive, and where to ask later', async () => {
    stack.gates[0]?.faults.order({ fault: 'moderation' });
    const { exitCode, output } = await send('--timeout', '10m');
    assert.equal(exitCode, 1);
    assert.deepEqual(steady(output).slice(2), [
      'N s  moderation: SMS Aero looks at it by hand, which takes 5 to 10 minutes until there is a contract',
      `No final status within 10 min: moderation. Ask later: npm run smsaero -- status ID ${WHERE}`,
    ]);
    const id = String(stack.account.messages()[0]?.id);
    assert.deepEqual(await status(id), { exitCode: 0, output: `${id}  moderation\n`, problems: '' });
  });

  const abroad = '+4474•••3456 is a number of GB, and messages go only to RU';
  const blocked = '+7903•••4567 is of a range that SMSAERO_LIMIT_RANGE_HOUR blocks';
  for (const [problem, { fault, to = '79031234567', ranges = '' }] of [
    [
      'Not sent: the balance does not cover the message; top up at https://smsaero.ru/',
      { fault: 'no_money' },
    ],
    ['Not known whether it was sent: no answer came: the message may', { fault: 'reset_after_acceptance' }],
    [abroad, { to: '+447400123456' }],
    [blocked, { ranges: 'RU-903:0' }],
    ['--to is not a mobile number that can receive a message', { to: '8 (800) 555-35-35' }],
  ] as const satisfies [string, { fault?: string; to?: string; ranges?: string }][]) {
    it(`says ${problem}`, async () => {
      if (fault) stack.gates[0]?.faults.order({ fault });
      const environment = { SMSAERO_LIMIT_RANGE_HOUR: ranges };
      const { exitCode, problems } = await cli.run(['send', '--stage', 'test', '--to', to], environment);
      assert.deepEqual([exitCode, problems.slice(0, problem.length)], [1, problem]);
    });
  }

  it('sends through the deployed API as a backend, follows the delivery, and reads it from the table', async (t) => {
    const asked: unknown[] = [];
    // The API has more functions behind it than the one that runs here.
    const api = http.createServer(async (request, response) => {
      if (request.method === 'GET') {
        asked.push([request.url, request.headers.authorization]);
        response.end(JSON.stringify({ status: asked.length === 1 ? 'accepted' : 'delivered' }));
        return;
      }
      const headers = Object.entries(request.headers).map(([key, value]) => [key, String(value)]);
      const init = { method: 'POST', headers: Object.fromEntries(headers), body: await text(request) };
      const answer = await fetch(`${stack.hook.url}${request.url}`, init);
      response.writeHead(answer.status).end(await answer.text());
    });
    const { authority, close } = await listen(api);
    t.after(close);
    const { exitCode, output, problems } = await send('--url', `http://${authority}/sms/direct`);
    assert.deepEqual([exitCode, problems], [0, '']);
    assert.deepEqual(steady(output), [
      'Accepted: delivery DELIVERY, message ID, 1 segment, 4.19 RUB',
      ...['N s  accepted', 'N s  delivered'],
    ]);
    const [, id = ''] = /delivery ([\w-]{22})/.exec(output) ?? [];
    assert.deepEqual(asked[0], [`/messages/${id}`, DIRECT_SECRET]);
    const rows = steady((await status(id)).output).map((line) => line.split(/ {2,}/));
    assert.deepEqual(
      rows.map(([name, value]) => (/UTC$/.test(value ?? '') ? name : [name, value].join(' ').trim())),
      [
        ...['state accepted', 'since', 'sent', 'message ID', 'platform direct', 'usage type Generic'],
        ...['sender name SMSAero', 'country RU', 'segments 1', 'cost 4.19 RUB'],
        `SMS Aero may know more: npm run smsaero -- status ID ${WHERE}`,
      ],
    );
  });

  // tests/unit/cli/request.test.ts has a valid request of every platform. Here: each way in which an answer names a message.
  for (const [index, name] of ['direct', 'logto', 'okta', 'supabase'].entries()) {
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
      if (name === 'supabase') {
        assert.match(
          output,
          /^Accepted, or perhaps accepted: the answer to supabase does not say, so look at the phone\n$/,
        );
      } else {
        assert.ok(output.includes(`message ${message?.id}`), output);
      }
      // What is not named cannot be followed, and here nobody answers for a delivery.
      assert.equal(exitCode, name === 'direct' || name === 'supabase' ? 1 : 0, output);
    });
  }

  for (const [fault, name, answer] of [
    ['no_money', 'logto', /^http:\/\/127\.0\.0\.1:\d+ answered 502 gateway_refused/],
    ['no_money', 'okta', /answered 200 \{"error":\{"errorSummary":"The message could not be sent\."/],
    ['reset_after_acceptance', 'okta', /answered 200 \{"commands":\[.*"PENDING"/],
    ['no_money', 'supabase', /answered 200 \{"error":\{"http_code":500,/],
    ['reset_after_acceptance', 'zitadel', /answered 204 nothing, so it may have been sent/],
  ] as const) {
    it(`takes the answer to ${name} for no success after ${fault}`, async () => {
      stack.gates[0]?.faults.order({ fault });
      const url = ['--url', stack.hook.url, '--platform', name];
      const { exitCode, problems } = await send(...url, '--to', '8 909 221-00-02');
      assert.equal(exitCode, 1);
      assert.match(problems, answer);
      assert.match(problems, /: the log has it under request [\w-]{36}\n$/);
    });
  }

  it('tells usage type and language where the platform does, and refuses them elsewhere', async () => {
    const to = ['--to', '79032210003', '--url', stack.hook.url, '--timeout', '1s'];
    for (const name of ['direct', 'webhook']) {
      await send(...to, '--type', 'SignIn', '--locale', 'en-GB', '--platform', name);
      assert.equal(stack.account.messages()[0]?.text, 'Your sign-in code is 000000.', name);
    }
    const sentBefore = stack.account.ledger.length;
    for (const [name, option, value, why] of [
      ['okta', '--type', 'SignIn', ': its message is of '],
      ['zitadel', '--locale', 'en', ', which has no field for it'],
    ] as const) {
      const problem = new RegExp(`^error: ${option} "${value}" cannot be told by ${name}${why}`);
      await assertFails(send(...to, option, value, '--platform', name), 2, problem);
    }
    await assertFails(
      send('--type', 'signin'),
      2,
      /^error: --type "signin" is not a usage type \(Register, .*\): did you mean SignIn\?\n/,
    );
    assert.equal(stack.account.ledger.length, sentBefore);
  });

  it('says when to try again after a 429, and who cannot be reached', async () => {
    const busy = http.createServer((request, response) => {
      request.resume();
      response.writeHead(429, { 'Retry-After': '540', 'Content-Type': 'application/json' });
      response.end(JSON.stringify({ code: 'rate_exceeded', requestId: 'abc' }));
    });
    const { authority, close } = await listen(busy);
    const url = `http://${authority}`;
    const later = 'answered 429 rate_exceeded: the log has it under request abc; try again in 9 min';
    await assertFails(send('--url', url), 1, `${url} ${later}\n`);
    await close();
    await assertFails(send('--url', url), 1, `${authority} cannot be reached (ECONNREFUSED)\n`);
  });

  it('prints JSON for scripts, and nothing else', async () => {
    const printed = async (...args: string[]) => {
      const { output, problems } = await send('--json', '--timeout', '1s', ...args);
      assert.equal(problems, '');
      return JSON.parse(output);
    };
    const { messageId: dryId, cost: _, ...dry } = await printed('--dry-run');
    assert.deepEqual(dry, { channel: 'sms', test: true, state: 'delivered', delivered: true });
    assert.match(dryId, /^\d+$/);
    const { deliveryId, messageId, ...rest } = await printed('--url', stack.hook.url);
    assert.deepEqual(rest, { segments: 1, cost: 4.19, state: null, delivered: false });
    const record = JSON.parse((await status(deliveryId, '--json')).output);
    assert.deepEqual([record.id, record.state, record.message], [deliveryId, 'accepted', messageId]);
    assert.equal(JSON.parse((await status(messageId, '--json')).output).id, messageId);
  });

  const unknown = 'AAAAAAAAAAAAAAAAAAAAAA';
  for (const [args, exitCode, problem] of [
    [['send', '--to', '1', '--platform', 'logto'], 2, /^error: --platform needs --url\n/],
    [
      ['send', '--to', '1', '--url', 'https://x', '--platform', 'x'],
      2,
      /^error: "x" is not a platform of this version \(.*\)\nHelp: npm run smsaero -- send --help\n/,
    ],
    [
      ['send', '--to', '1', '--url', 'http://example.com'],
      2,
      /argument 'http:\/\/example\.com' is invalid\. Write https:\/\/…; http:\/\/ is for this machine only\.\n/,
    ],
    [['status', 'x'], 2, /^error: "x" is neither the id of a delivery/],
    [['status', unknown, '--test'], 2, /^error: --test and --telegram are for the ids of SMS Aero\n/],
    [['status', '5'], 1, 'SMS Aero does not know message 5; a message of send --dry-run needs --test\n'],
    [['status', unknown], 1, `smsaero-test has no delivery ${unknown}: deliveries are kept for 30 days\n`],
    [
      ['status', unknown, '--stage', 'none'],
      1,
      'The table smsaero-none does not exist: is the stage deployed, and in this region?\n',
    ],
  ] as const) {
    it(`refuses ${args.join(' ')}`, () =>
      assertFails(cli.run([args[0], '--stage', 'test', ...args.slice(1)]), exitCode, problem));
  }
});
