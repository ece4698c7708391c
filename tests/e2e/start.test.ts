import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { text } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import createHttpSmsConnector from '@logto/connector-http-sms';
import { listen } from '../../local/loopback.ts';
import { freePorts, type Ports } from '../support/ports.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

interface Started {
  readonly child: ChildProcess;
  output(): string;
  /** Resolves when a text was printed or the process ended. */
  printed(text: string): Promise<void>;
}

function start(environment: Record<string, string>): Started {
  const child = spawn(process.execPath, ['local/start.ts'], {
    cwd: root,
    env: { ...process.env, ...environment },
  });
  let output = '';
  const listeners = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      output += text;
      for (const listener of listeners) listener();
    });
  }
  return {
    child,
    output: () => output,
    printed: (text) =>
      new Promise((resolve) => {
        const check = () => {
          if (output.includes(text) || child.exitCode !== null) resolve();
        };
        listeners.add(check);
        child.once('exit', check);
        check();
      }),
  };
}

describe('npm start', () => {
  let ports: Ports;
  let started: Started;
  before(async () => {
    ports = await freePorts();
    started = start(ports);
    await started.printed('Ctrl-C stops everything');
    assert.ok(started.output().includes('Ctrl-C stops everything'), started.output());
  });
  after(() => started.child.kill('SIGKILL'));

  const inbox = async () => {
    const response = await fetch(`http://127.0.0.1:${ports.INBOX_PORT}/api/messages`);
    return (await response.json()) as {
      id: number;
      number: string;
      from: string;
      text: string;
      status: number;
    }[];
  };

  it('prints a request that puts the text into the inbox', async () => {
    const command = /curl -i (\S+) \\\s+-H '([^']+)' -H '([^']+)' \\\s+-d '([^']+)'/.exec(started.output());
    assert.ok(command, started.output());
    const [, url = '', authorization = '', contentType = '', body = ''] = command;
    const headers = [authorization, contentType].map((header) => header.split(': ') as [string, string]);
    const response = await fetch(url, { method: 'POST', headers, body });
    const answer = (await response.json()) as { status: string; messageId: string };

    assert.equal(response.status, 200);
    const [message] = await inbox();
    assert.deepEqual(answer, { status: 'accepted', messageId: String(message?.id) });
    assert.equal(message?.number, '79031234567');
    assert.equal(message?.from, 'SMSAero');
    assert.equal(message?.text, 'Код для входа: 482913. Никому его не сообщайте.');
  });

  it('decodes path parameters before functions get them, as API Gateway does', async () => {
    const statusOf = async (path: string) =>
      (await fetch(`http://127.0.0.1:${ports.PORT}${path}`, { method: 'POST', body: '{}' })).status;
    assert.equal(await statusOf('/sms/%6Cogto'), 401, 'the platform is logto, and the secret is missing');
    assert.equal(await statusOf('/sms/logto%2F'), 404);
    assert.equal(await statusOf(`/reports/${'%C3%A9'.repeat(22)}${'A'.repeat(22)}`), 200);
  });

  it('serves the real Logto connector, newest message first', async () => {
    const { sendMessage } = await createHttpSmsConnector({
      getConfig: async () => ({
        endpoint: `http://127.0.0.1:${ports.PORT}/sms/logto`,
        authorization: 'Bearer local-development',
      }),
    });
    await sendMessage({
      to: '79161234567',
      type: 'Register',
      payload: { code: '135790', locale: 'ru' },
    } as never);
    const [message] = await inbox();
    assert.equal(message?.number, '79161234567');
    assert.match(message?.text ?? '', /135790/);
  });

  it('signs somebody up and in at a Cognito user pool, both by a text in the inbox', {
    timeout: 180_000,
  }, async () => {
    const cognito = async (operation: string, input: object) => {
      const response = await fetch(`http://127.0.0.1:${ports.COGNITO_PORT}`, {
        method: 'POST',
        headers: { 'X-Amz-Target': `AWSCognitoIdentityProviderService.${operation}` },
        body: JSON.stringify({ ClientId: 'local', ...input }),
      });
      return (await response.json()) as Record<string, unknown>;
    };
    /** The code in the newest text to the phone, once it begins so: the sender is not waited for. */
    const codeIn = async (phone: string, words: string): Promise<string> => {
      for (;;) {
        const found = (await inbox()).find(
          ({ number, text }) => `+${number}` === phone && text.startsWith(words),
        );
        const code = /\d{6}/.exec(found?.text ?? '')?.[0];
        if (code) return code;
        await sleep(50);
      }
    };

    const Username = '+79261234567';
    await cognito('SignUp', { Username, UserAttributes: [{ Name: 'locale', Value: 'ru' }] });
    const ConfirmationCode = await codeIn(Username, 'Код для регистрации');
    assert.deepEqual(await cognito('ConfirmSignUp', { Username, ConfirmationCode }), {});

    // Somebody else signs in: one phone gets one message in 30 s.
    const USERNAME = '+79267654321';
    await cognito('AdminCreateUser', { Username: USERNAME, MessageAction: 'SUPPRESS' });
    const challenge = await cognito('InitiateAuth', {
      AuthFlow: 'CUSTOM_AUTH',
      AuthParameters: { USERNAME, CHALLENGE_NAME: 'SRP_A', SRP_A: '0a1b2c' }, // as the iOS SDK does
    });
    assert.equal((challenge['ChallengeParameters'] as { phone: string }).phone, '•••••••••21');
    const ANSWER = await codeIn(USERNAME, 'Код для входа');
    const signedIn = await cognito('RespondToAuthChallenge', {
      ChallengeName: 'CUSTOM_CHALLENGE',
      Session: challenge['Session'],
      ChallengeResponses: { USERNAME, ANSWER },
    });
    assert.ok(signedIn['AuthenticationResult'], JSON.stringify(signedIn));
  });

  /** Events on the bus about a message, as they were printed, once one of a type is there. */
  const eventsOf = async (messageId: string, until: string): Promise<string[]> => {
    for (;;) {
      const types = started
        .output()
        .split('\n')
        .flatMap((line) => {
          const [, type, detail = '{}'] = /^Event (\w+) (\{.*\})$/.exec(line) ?? [];
          return type && (JSON.parse(detail) as { messageId?: string }).messageId === messageId ? [type] : [];
        });
      if (types.includes(until)) return types;
      await sleep(50);
    }
  };

  it('prints a command for the queue, whose message arrives and is told of', {
    timeout: 180_000,
  }, async () => {
    // The shell puts the time in.
    const [command] =
      /curl \S+ \\\s+--data-urlencode Action=Publish [\s\S]+?}}}'/.exec(started.output()) ?? [];
    assert.ok(command, started.output());
    const shell = spawn('sh', ['-c', command.replace(/^curl/, 'printf %s\\\\n')], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [url = '', ...words] = (await text(shell.stdout)).trimEnd().split('\n');
    const fields = words.filter((word) => word !== '--data-urlencode').map((word) => word.split(/=(.*)/s));
    const body = new URLSearchParams(
      fields.map(([name = '', value = '']): [string, string] => [name, value]),
    );
    const response = await fetch(url, { method: 'POST', body });
    assert.equal(response.status, 200);
    const arrived = async () => (await inbox()).find(({ number }) => number === '79031234568');
    while (!(await arrived())) await sleep(50);
    const sent = await arrived();
    assert.match(sent?.text ?? '', /135790/);
    assert.deepEqual(await eventsOf(String(sent?.id), 'SmsDelivered'), ['SmsAccepted', 'SmsDelivered']);
    assert.equal((await arrived())?.status, 1);
  });

  it('tells one’s own backend what became of its message', { timeout: 180_000 }, async () => {
    const headers = { authorization: 'Bearer local-development', 'idempotency-key': 'e2e' };
    const response = await fetch(`http://127.0.0.1:${ports.PORT}/sms/direct`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ to: '79031234569', type: 'SignIn', payload: { code: '246801' } }),
    });
    const { id, messageId } = (await response.json()) as { id: string; messageId: string };
    await eventsOf(messageId, 'SmsDelivered');
    const asked = await fetch(`http://127.0.0.1:${ports.PORT}/messages/${id}`, { headers });
    const { status, messageId: told } = (await asked.json()) as { status: string; messageId: string };
    assert.deepEqual([status, told], ['delivered', messageId]);
  });

  it('prints how to look at the stage with the command line, and nothing of it fails', async () => {
    const [command] = /INBOX_PORT=\d+ npm run smsaero -- doctor --local/.exec(started.output()) ?? [];
    assert.ok(command, started.output());
    const env = { ...process.env, FORCE_COLOR: undefined }; // a CI may set it
    const doctor = spawn('sh', ['-c', command], { cwd: root, env, stdio: ['ignore', 'pipe', 'inherit'] });
    const [printed, [exitCode]] = await Promise.all([text(doctor.stdout), once(doctor, 'exit')]);
    assert.equal(exitCode, 0, printed);
    assert.match(printed, /^pass {2}table: smsaero-local, with time to live, stream and index$/m);
    assert.match(printed, /^pass {2}from Lambda: configuration: read and valid$/m);
    // serverless-offline tells no configuration of a function.
    assert.deepEqual(printed.match(/^skip .*$/gm), [
      'skip  functions: smsaero-local-sms-hook cannot be looked at: Not Found',
    ]);
    assert.match(printed, /^local: 0 failures, 2 warnings$/m);
  });

  it('shows the page', async () => {
    const url = `http://127.0.0.1:${ports.INBOX_PORT}`;
    assert.match(await (await fetch(url)).text(), /<!doctype html>/i);
    for (const file of ['page.js', 'style.css']) assert.equal((await fetch(`${url}/${file}`)).status, 200);
  });

  it('knows every request that it answered, without its secret and its code', async () => {
    const response = await fetch(`http://127.0.0.1:${ports.INBOX_PORT}/api/requests`);
    const text = await response.text();
    const requests = JSON.parse(text) as { source: string; outcome: string; status?: number }[];
    const seen = new Set(requests.map(({ source, outcome, status }) => `${source} ${outcome} ${status}`));
    for (const each of [
      'POST /sms/logto accepted 200',
      'POST /sms/%6Cogto refused 401',
      'POST /sms/direct accepted 200',
      'sms-queue accepted undefined',
      'cognito-sms-sender accepted undefined',
    ]) {
      assert.ok(seen.has(each), `${each} in ${[...seen].join(', ')}`);
    }
    const secret = /local-development|482913|135790|246801|79\d{9}(?!\d)|\/reports\//.exec(text);
    assert.equal(secret?.[0], undefined);
  });

  it('says which port is in use', async () => {
    const second = start(ports);
    await once(second.child, 'exit');
    assert.equal(second.child.exitCode, 1);
    assert.match(
      second.output(),
      new RegExp(
        `Port ${ports.PORT} on 127.0.0.1 is in use .* PORT=4000 INBOX_PORT=4001 COGNITO_PORT=4002 QUEUE_PORT=4003 npm start`,
      ),
    );
  });

  it('stops everything on Ctrl-C', async () => {
    const exit = once(started.child, 'exit');
    started.child.kill('SIGINT');
    const [exitCode] = await exit;
    assert.equal(exitCode, 0);
    for (const port of Object.values(ports)) {
      await (await listen(createServer(), { port: Number(port) })).close();
    }
  });

  it('leaves no API behind when it breaks', { timeout: 180_000 }, async () => {
    const broken = "process.on('SIGUSR2', () => { throw new Error('broken') })";
    const NODE_OPTIONS = `--import=data:text/javascript,${encodeURIComponent(broken)}`;
    const others = await freePorts();
    const { child, output, printed } = start({ ...others, NODE_OPTIONS });
    await printed('Ctrl-C stops everything');
    assert.ok(output().includes('Ctrl-C stops everything'), output());
    const exit = once(child, 'exit');
    child.kill('SIGUSR2');
    assert.deepEqual(await exit, [1, null]);
    const bind = async () => (await listen(createServer(), { port: Number(others.PORT) })).close();
    while ((await bind().catch(({ code }) => code)) === 'EADDRINUSE') await sleep(50);
  });
});
