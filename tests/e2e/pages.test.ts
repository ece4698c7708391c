import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { after, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { listen } from '../../local/loopback.ts';
import { openCommandLine } from '../support/cli.ts';
import { npmStart, READY } from '../support/npm-start.ts';
import { callAws, codeBlocksOf, curl, readPages, wordsOfCommand } from '../support/pages.ts';
import { freePorts } from '../support/ports.ts';
import { CONNECTOR } from '../support/stack.ts';

const ports = await freePorts();
const started = npmStart(ports, ['--verbose']);
after(() => started.child.kill('SIGKILL'));
await started.printed(READY);
const cli = await openCommandLine({ INBOX_PORT: ports.INBOX_PORT });
after(() => cli.close());
const connector = await cli.write('connector.json', CONNECTOR);

const api = `http://127.0.0.1:${ports.PORT}`;
const page = `http://127.0.0.1:${ports.INBOX_PORT}`;
const SECRET = { authorization: 'Bearer local-development' };
const post = (url: string, body: object, headers: Record<string, string> = SECRET) =>
  fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });

interface Message {
  readonly id: number;
  readonly from: string;
  readonly text: string;
}
/** The newest message to a number, once it is there. */
async function messageTo(number: string): Promise<Message> {
  for (;;) {
    const response = await fetch(`${page}/api/messages/latest?to=${number}&wait=30`);
    if (response.ok) return (await response.json()) as Message;
    await response.text();
  }
}

let numbers = 0;
/** Another one for each command: one number gets one message in 30 s. */
const newNumber = () => `7903${1_000_000 + 1_013 * ++numbers}`;

/** A text of a page with the ports of this run, and a number that nobody else has. */
function here(text: string, number: string): string {
  const { PORT, INBOX_PORT, COGNITO_PORT, QUEUE_PORT } = ports;
  const ours = [PORT, INBOX_PORT, COGNITO_PORT, QUEUE_PORT];
  return text
    .replace(/(?<=127\.0\.0\.1:300)[0-3]\b/g, (last) => `|${ours[Number(last)]}`)
    .replaceAll('300|', '')
    .replace(/\b79\d{9}\b/g, number);
}

/** Runs a `curl`, which has to succeed; a message that it asks for has to arrive. */
async function succeed(script: string, number: string): Promise<void> {
  const [[, ...words] = []] = await wordsOfCommand(script, 'curl');
  const response = await curl(words);
  assert.ok(response.ok, `${response.status} ${await response.text()}`);
  if (/\/sms\/|Action=Publish/.test(script)) await messageTo(number);
  if (/\/api\/(?:faults|switches)/.test(script)) await fetch(`${page}/api/faults`, { method: 'DELETE' });
}

const pages = await readPages();
/** The code of the pages, and what `npm start` prints. */
const blocks = [
  ...pages.flatMap(codeBlocksOf),
  { at: 'npm start', language: '', code: started.output().replace(/^ {2}/gm, '') },
];

/** Matches in blocks of the shell, continued lines included. */
const inBlocks = (pattern: RegExp) =>
  blocks
    .filter(({ language }) => language === 'sh' || language === '')
    .flatMap(({ at, code }) => Array.from(code.matchAll(pattern), ([script]) => ({ at, script })));

/** All but those that leave something out. */
const requests = inBlocks(/^curl (?:[^\n]*\\\n)*[^\n]*/gm).filter(
  ({ script }) => script.includes('http://127.0.0.1:') && !script.includes('…'),
);
const callsOfAws = blocks.filter(({ code }) => /^(?:[\w]+\(\) \{ )?aws .*127\.0\.0\.1/m.test(code));
/** With the stack, or without AWS at all; `npm run smsaero -- request okta` also in a sentence. */
const commands = new Map(
  [
    ...inBlocks(/(?<=^|^\$ )npm run smsaero -- (?!<)(?:[^\n]*\\\n)*[^\n]*/gm).filter(({ script }) =>
      /--local\b|-- (?:config check|request) |--dryrun/.test(script),
    ),
    ...pages.flatMap(({ path, text }) =>
      Array.from(text.matchAll(/`(npm run smsaero -- request [a-z-]+)`/g), ([, script = '']) => ({
        at: path,
        script,
      })),
    ),
  ].map((command) => [command.script, command]),
);

describe('what the pages and npm start print', { timeout: 180_000 }, () => {
  it('has requests, calls of the AWS CLI and commands', () => {
    assert.ok(requests.length >= 7 && callsOfAws.length >= 2 && commands.size >= 7);
  });

  for (const { at, script } of requests) {
    it(`${at}: ${script.slice(0, 70)}`, async () => {
      const number = newNumber();
      await succeed(here(script, number), number);
    });
  }

  for (const { at, code } of callsOfAws) {
    it(at, async () => {
      for (const [program, ...words] of await wordsOfCommand(here(code, newNumber()), 'aws', 'npm')) {
        if (program !== 'aws') continue;
        const response = await callAws(words);
        assert.ok(response.ok, `${response.status} ${await response.text()}`);
      }
    });
  }

  it('leaves the dead letter that the page of the queue promises', async () => {
    for (;;) {
      const { exitCode, output, problems } = await cli.run(['dead-letters', 'list', '--local', '--json']);
      assert.equal(exitCode, 0, output + problems);
      const { deadLetters } = JSON.parse(output) as { deadLetters: { reason: string }[] };
      if (deadLetters.length === 0) continue;
      assert.deepEqual(
        deadLetters.map(({ reason }) => reason),
        ['invalid_recipient'],
      );
      return;
    }
  });

  for (const { at, script } of commands.values()) {
    it(`${at}: ${script}`, async () => {
      const number = newNumber();
      const [[, , , , ...args] = []] = await wordsOfCommand(here(script, number), 'npm');
      const given = args.map((word) => (word === 'connector.json' ? connector : word));
      const isRequest = args[0] === 'request';
      if (isRequest) given.push('--to', number, '--url', api);
      const { exitCode, output, problems } = await cli.run(given);
      assert.equal(exitCode, script.includes('--dryrun') ? 2 : 0, output + problems);
      if (isRequest) await succeed(output, number);
      if (args[0] === 'doctor') {
        assert.match(output, /^pass {2}table: smsaero-local, with time to live, stream and index$/m);
        assert.match(output, /^local: 0 failures, 2 warnings$/m);
      }
    });
  }

  it('shows how a command fails', async () => {
    const { code = '' } = blocks.find(({ code }) => code.includes('--dryrun')) ?? {};
    const { problems } = await cli.run(['send', '--to', '79031234567', '--dryrun']);
    assert.deepEqual(problems.trimEnd().split('\n'), code.trimEnd().split('\n').slice(1));
  });
});

/** Events on the bus about a message, as they were printed, once one of a type is there. */
async function eventsOf(messageId: string, until: string): Promise<string[]> {
  for (;;) {
    const events = Array.from(started.output().matchAll(/^Event (\w+) (\{.*\})$/gm));
    const ofMessage = events.filter(([, , detail = '']) => JSON.parse(detail).messageId === messageId);
    const types = ofMessage.map(([, type = '']) => type);
    if (types.includes(until)) return types;
    await sleep(50);
  }
}

describe('npm start', { timeout: 180_000 }, () => {
  it('sends the text of the sample, and tells a backend what became of its message', async () => {
    const to = '79031234569';
    const headers = { ...SECRET, 'idempotency-key': 'e2e' };
    const sent = await post(
      `${api}/sms/direct`,
      { to, type: 'SignIn', payload: { code: '246801' } },
      headers,
    );
    const { id, messageId } = (await sent.json()) as { id: string; messageId: string };
    const message = await messageTo(to);
    assert.deepEqual([String(message.id), message.from], [messageId, 'SMSAero']);
    assert.equal(message.text, 'Код для входа: 246801. Никому его не сообщайте.');
    assert.deepEqual(await eventsOf(messageId, 'SmsDelivered'), ['SmsAccepted', 'SmsDelivered']);
    const asked = await fetch(`${api}/messages/${id}`, { headers });
    assert.equal(((await asked.json()) as { status: string }).status, 'delivered');
  });

  it('decodes path parameters before functions get them, as API Gateway does', async () => {
    for (const [path, status] of [
      ['/sms/%6Cogto', 401], // the platform is logto, and the secret is missing
      ['/sms/logto%2F', 404],
      [`/reports/${'%C3%A9'.repeat(22)}${'A'.repeat(22)}`, 200],
    ] as const) {
      assert.equal((await post(`${api}${path}`, {}, {})).status, status, path);
    }
  });

  it('signs somebody up and in at a Cognito user pool, both by a text to the phone', async () => {
    const cognito = async (operation: string, input: object) => {
      const headers = { 'x-amz-target': `AWSCognitoIdentityProviderService.${operation}` };
      const url = `http://127.0.0.1:${ports.COGNITO_PORT}`;
      const response = await post(url, { ClientId: 'local', ...input }, headers);
      return (await response.json()) as Record<string, unknown>;
    };
    const codeTo = async (phone: string, words: string): Promise<string> => {
      const { text } = await messageTo(phone.slice(1));
      assert.ok(text.startsWith(words), text);
      return /\d{6}/.exec(text)?.[0] ?? '';
    };

    const Username = '+79261234567';
    await cognito('SignUp', { Username, UserAttributes: [{ Name: 'locale', Value: 'ru' }] });
    const ConfirmationCode = await codeTo(Username, 'Код для регистрации');
    assert.deepEqual(await cognito('ConfirmSignUp', { Username, ConfirmationCode }), {});

    // Somebody else signs in: one phone gets one message in 30 s.
    const USERNAME = '+79267654321';
    await cognito('AdminCreateUser', { Username: USERNAME, MessageAction: 'SUPPRESS' });
    const AuthParameters = { USERNAME, CHALLENGE_NAME: 'SRP_A', SRP_A: '0a1b2c' }; // as the iOS SDK does
    const challenge = await cognito('InitiateAuth', { AuthFlow: 'CUSTOM_AUTH', AuthParameters });
    assert.equal((challenge['ChallengeParameters'] as { phone: string }).phone, '•••••••••21');
    const signedIn = await cognito('RespondToAuthChallenge', {
      ChallengeName: 'CUSTOM_CHALLENGE',
      Session: challenge['Session'],
      ChallengeResponses: { USERNAME, ANSWER: await codeTo(USERNAME, 'Код для входа') },
    });
    assert.ok(signedIn['AuthenticationResult'], JSON.stringify(signedIn));
  });

  it('shows the page, and prints how to look at the stage with the command line', async () => {
    assert.match(await (await fetch(page)).text(), /<!doctype html>/i);
    for (const file of ['page.js', 'style.css']) assert.equal((await fetch(`${page}/${file}`)).status, 200);
    assert.ok(
      started.output().includes(`  INBOX_PORT=${ports.INBOX_PORT} npm run smsaero -- doctor --local\n`),
    );
  });

  it('knows every request that it answered, without its secret and its code', async () => {
    const text = await (await fetch(`${page}/api/requests`)).text();
    const answered = JSON.parse(text) as { source: string; outcome: string; status?: number }[];
    const seen = new Set(answered.map(({ source, outcome, status }) => `${source} ${outcome} ${status}`));
    for (const each of [
      'POST /sms/logto accepted 200',
      'POST /sms/%6Cogto refused 401',
      'POST /sms/direct accepted 200',
      'sms-queue accepted undefined',
      'cognito-sms-sender accepted undefined',
    ]) {
      assert.ok(seen.has(each), `${each} in ${[...seen].join(', ')}`);
    }
    const secret = /local-development|482913|246801|79\d{9}(?!\d)|\/reports\//.exec(text);
    assert.equal(secret?.[0], undefined);
  });

  it('prints a line for each request, and with --verbose the log and the metrics', () => {
    for (const line of [
      /^\d\d:\d\d:\d\d \+7903…\d{4} SignIn logto accepted \d+ ms$/m,
      /^\d\d:\d\d:\d\d %6Cogto refused: unauthorized \d+ ms$/m,
      /^\d\d:\d\d:\d\d \+7903…\d{4} SignIn queue accepted \d+ ms$/m,
      /^\d\d:\d\d:\d\d \+7926…4567 Register cognito accepted \d+ ms$/m,
      /^\{"_aws":.+"Accepted":1\}$/m,
      /^\{"level":"INFO","message":"sms".+\}$/m,
    ]) {
      assert.match(started.output(), line);
    }
  });

  it('says which port is in use', async () => {
    const second = npmStart(ports);
    assert.deepEqual(await second.ended, [1, null]);
    assert.match(
      second.output(),
      new RegExp(
        `Port ${ports.PORT} on 127.0.0.1 is in use .* npm start may be running in another terminal.* PORT=4000 INBOX_PORT=4001 COGNITO_PORT=4002 QUEUE_PORT=4003 npm start`,
      ),
    );
  });

  it('stops everything on Ctrl-C', async () => {
    started.child.kill('SIGINT');
    assert.deepEqual(await started.ended, [0, null]);
    for (const port of Object.values(ports)) {
      await (await listen(createServer(), { port: Number(port) })).close();
    }
  });
});
