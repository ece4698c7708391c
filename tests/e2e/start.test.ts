import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import createHttpSmsConnector from '@logto/connector-http-sms';
import { PLATFORMS } from '../../lib/platforms/index.ts';
import { listen } from '../../local/loopback.ts';
import { freePorts, type Ports } from '../support/ports.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

interface Started {
  readonly child: ChildProcess;
  output(): string;
  /** Resolves when a text was printed or the process ended. */
  printed(text: string): Promise<void>;
}

/** What a CI or a developer may have set. */
const UNSET = { FORCE_COLOR: undefined, NO_COLOR: undefined, HOST: undefined, LOCAL_SECRET: undefined };

function start(environment: Record<string, string>, args: string[] = [], cwd = root): Started {
  const child = spawn(process.execPath, ['local/start.ts', ...args], {
    cwd,
    env: { ...process.env, ...UNSET, ...environment },
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
    started = start(ports, ['--verbose']);
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
        `Port ${ports.PORT} on 127.0.0.1 is in use .* npm start may be running in another terminal.* PORT=4000 INBOX_PORT=4001 COGNITO_PORT=4002 QUEUE_PORT=4003 npm start`,
      ),
    );
  });

  it('says what is wrong with its settings', async () => {
    const { child, output } = start({ ...ports, INBOX_PORT: ports.PORT });
    await once(child, 'exit');
    assert.equal(child.exitCode, 1);
    assert.match(output(), /^\s*PORT and INBOX_PORT are both \d+: choose two ports\s*$/);
  });

  it('prints a line for each request, and with --verbose the log and the metrics', () => {
    const output = started.output();
    for (const line of [
      /^\d\d:\d\d:\d\d \+7903…4567 SignIn logto accepted \d+ ms$/m,
      /^\d\d:\d\d:\d\d %6Cogto refused: unauthorized \d+ ms$/m,
      /^\d\d:\d\d:\d\d \+7903…4568 SignIn queue accepted \d+ ms$/m,
      /^\d\d:\d\d:\d\d \+7926…4567 Register cognito accepted \d+ ms$/m,
      /^\{"_aws":.+"Accepted":1\}$/m,
      /^\{"level":"INFO","message":"sms".+\}$/m,
    ]) {
      assert.match(output, line);
    }
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

  it('ends before it starts anything if the connector.json cannot be used', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'smsaero-'));
    await writeFile(
      join(folder, 'mine.json'),
      '{"email": "a@b.ru", "senderName": "MyShop", "templates": []}',
    );
    const { child, output } = start({ ...ports, INIT_CWD: folder }, ['--config', 'mine.json']);
    await once(child, 'exit');
    await rm(folder, { recursive: true });
    assert.equal(child.exitCode, 1);
    assert.match(output(), /^error +templates have none for Register$/m);
    assert.match(output(), /^mine\.json: \d errors?$/m);
    assert.doesNotMatch(output(), /Starting/);
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

/** Stops the process for a second while it answers the next call of the table, once GET /pause has come. */
const PAUSES = `
  import { subscribe } from 'node:diagnostics_channel';
  let armed = false;
  subscribe('http.server.request.start', ({ request: { url, headers } }) => {
    if (armed && String(headers['x-amz-target']).startsWith('DynamoDB_')) {
      armed = false;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_000);
    }
    armed ||= url === '/pause';
  });`;

describe('npm start in a new clone, for others than this machine', { timeout: 280_000 }, () => {
  const LOCAL_SECRET = 'Bearer 0123456789abcdef';
  let folder: string;
  let ports: Ports;
  let started: Started;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'smsaero-'));
    const isCopied = (path: string) =>
      !/^(node_modules|dist|\.git|\.build|\.serverless)$/.test(path.slice(root.length));
    await cp(root, folder, { recursive: true, filter: isCopied });
    await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
    const templates = ['Register', 'SignIn', 'ForgotPassword', 'Generic'].map((usageType) => ({
      usageType,
      content: `${usageType} at my shop: {{code}}`,
    }));
    const connector = { email: 'owner@example.com', apiKey: 'YOUR_API_KEY', senderName: 'MyShop', templates };
    await writeFile(join(folder, 'mine.json'), `\ufeff${JSON.stringify(connector)}`);
    ports = await freePorts();
    const NODE_OPTIONS = `--import=data:text/javascript,${encodeURIComponent(PAUSES)}`;
    const environment = { ...ports, HOST: '0.0.0.0', LOCAL_SECRET, INIT_CWD: folder, NODE_OPTIONS };
    started = start({ ...environment, FORCE_COLOR: '1' }, ['--config', 'mine.json'], folder);
    await started.printed('Ctrl-C stops everything');
    assert.ok(started.output().includes('Ctrl-C stops everything'), started.output());
  });
  after(async () => {
    started.child.kill('SIGKILL');
    await rm(folder, { recursive: true });
  });

  /** An address of this machine that is not 127.0.0.1. */
  const elsewhere =
    Object.values(networkInterfaces())
      .flatMap((addresses = []) => addresses)
      .find(({ family, internal }) => family === 'IPv4' && !internal)?.address ?? '127.0.0.2';

  const send = (code: string, authorization = LOCAL_SECRET, host = elsewhere) =>
    fetch(`http://${host}:${ports.PORT}/sms/logto`, {
      method: 'POST',
      headers: { authorization },
      body: JSON.stringify({ to: '79031234567', type: 'SignIn', payload: { code } }),
    });
  const messages = async () => {
    const response = await fetch(`http://127.0.0.1:${ports.INBOX_PORT}/api/messages`);
    return (await response.json()) as { text: string; from: string }[];
  };

  it('answers at its other address with the secret that was chosen, and sends the texts of the file', async () => {
    assert.equal((await send('482913', 'Bearer local-development')).status, 401);
    assert.equal((await send('482913')).status, 200);
    const [message] = await messages();
    assert.deepEqual([message?.text, message?.from], ['SignIn at my shop: 482913', 'MyShop']);
    assert.ok(started.output().includes(`(Authorization: ${LOCAL_SECRET})`), started.output());
    for (const { name, contract } of PLATFORMS) {
      assert.ok(!started.output().includes(contract().secret.local), `the documented secret of ${name}`);
    }
  });

  it('keeps everything else on this machine', async () => {
    for (const name of ['INBOX_PORT', 'COGNITO_PORT', 'QUEUE_PORT'] as const) {
      await assert.rejects(fetch(`http://${elsewhere}:${ports[name]}/`), TypeError, name);
    }
    const page = `http://127.0.0.1:${ports.INBOX_PORT}`;
    const response = await fetch(`${page}/api/send`, {
      method: 'POST',
      body: JSON.stringify({ platform: 'supabase', to: '79161234567', code: '135791' }),
    });
    assert.equal(((await response.json()) as { status: number }).status, 204, 'the page knows the secrets');
  });

  it('asks the limits also when the machine is busy', async () => {
    // Until the reports are there, whose functions call the table too.
    const delivered = async () => {
      const response = await fetch(`http://127.0.0.1:${ports.INBOX_PORT}/api/requests`);
      const requests = (await response.json()) as { events: { type: string }[] }[];
      return requests.filter(({ events }) => events.some(({ type }) => type === 'SmsDelivered'));
    };
    while ((await delivered()).length < (await messages()).length) await sleep(50);
    await fetch(`http://127.0.0.1:${ports.INBOX_PORT}/pause`);
    assert.equal((await send('482914')).status, 429);
  });

  it('prints one coloured line for each request, and nothing of the log', async () => {
    const [, printed = ''] = started.output().split('--verbose');
    for (const part of [
      '+7903…4567 SignIn logto \u001b[32maccepted\u001b[39m',
      'logto \u001b[33mrefused: unauthorized\u001b[39m',
      '+7903…4567 SignIn logto \u001b[33mrefused: rate_exceeded (recipient, again in',
    ]) {
      assert.ok(printed.includes(part), `${part} in ${printed}`);
    }
    assert.doesNotMatch(printed, /^[{E]|λ/m);
  });

  it('prints what fails between its parts', async () => {
    const faults = `http://127.0.0.1:${ports.INBOX_PORT}/api/switches/no_money`;
    await fetch(faults, { method: 'PUT', body: '{"for":"until_off"}' });
    await fetch(`http://127.0.0.1:${ports.COGNITO_PORT}`, {
      method: 'POST',
      headers: { 'X-Amz-Target': 'AWSCognitoIdentityProviderService.SignUp' },
      body: JSON.stringify({ ClientId: 'local', Username: '+79261234567' }),
    });
    for (const part of ['cognito-sms-sender: ', 'Register cognito \u001b[31mfailed: no_money']) {
      await started.printed(part);
      assert.ok(started.output().includes(part), started.output());
    }
    await fetch(faults, { method: 'DELETE' });
  });

  it('prints the addresses and commands again on Enter', async () => {
    const [, greeting = ''] = /(\n {2}Hook for Logto[\s\S]+?Send a code:)/.exec(started.output()) ?? [];
    const before = started.output().length;
    assert.ok(greeting && started.child.stdin, started.output());
    started.child.stdin.write('\n');
    while (!started.output().slice(before).includes('--verbose'))
      await once(started.child.stdout ?? started.child, 'data');
    assert.ok(started.output().slice(before).includes(greeting));
  });

  it('sends with the account and the sender name that were pushed', async () => {
    const file = join(folder, 'pushed.json');
    const connector = JSON.parse((await readFile(join(folder, 'mine.json'), 'utf8')).slice(1));
    const pushed = {
      ...connector,
      email: 'me@my-shop.ru',
      apiKey: 'Ab0Cd1Ef2Gh3Ij4Kl5',
      senderName: 'MyNewShop',
    };
    await writeFile(file, JSON.stringify(pushed));
    const push = spawn(process.execPath, ['cli/main.ts', 'config', 'push', file, '--local', '--yes'], {
      cwd: root,
      env: { ...process.env, INBOX_PORT: String(ports.INBOX_PORT) },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    assert.deepEqual(await once(push, 'exit'), [0, null]);
    const { status } = await fetch(`http://127.0.0.1:${ports.PORT}/sms/logto`, {
      method: 'POST',
      headers: { authorization: LOCAL_SECRET },
      body: JSON.stringify({ to: '79037654321', type: 'SignIn', payload: { code: '482915' } }),
    });
    assert.equal(status, 200, started.output());
    assert.equal((await messages())[0]?.from, 'MyNewShop');
  });

  it('says that its files are gone, and ends', async () => {
    const exit = once(started.child, 'exit');
    await rm(join(folder, 'dist'), { recursive: true });
    assert.deepEqual(await exit, [1, null]);
    assert.match(
      started.output(),
      /The files that npm start runs from are gone: "npm ci" replaces node_modules/,
    );
  });
});
