import assert from 'node:assert/strict';
import { once } from 'node:events';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { PLATFORMS } from '../../lib/platforms/index.ts';
import { openCommandLine } from '../support/cli.ts';
import { npmStart, READY } from '../support/npm-start.ts';
import { ROOT } from '../support/pages.ts';
import { freePorts } from '../support/ports.ts';

const LOCAL_SECRET = 'Bearer 0123456789abcdef';

/** A clone of the project, where nothing was built yet. */
const folder = await mkdtemp(join(tmpdir(), 'smsaero-'));
after(() => rm(folder, { recursive: true }));
const isCopied = (path: string) =>
  !/^\/(node_modules|dist|\.git|\.build|\.serverless)$/.test(path.slice(ROOT.length));
await cp(ROOT, folder, { recursive: true, filter: isCopied });
await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));

const preload = (script: string) => `--import=data:text/javascript,${encodeURIComponent(script)}`;

describe('npm start that does not', { timeout: 180_000 }, () => {
  it('ends before it starts anything if the connector.json cannot be used', async () => {
    const connector = '{"email": "a@b.ru", "senderName": "MyShop", "templates": []}';
    await writeFile(join(folder, 'unusable.json'), connector);
    const { ended, output } = npmStart({ INIT_CWD: folder }, ['--config', 'unusable.json']);
    assert.deepEqual(await ended, [1, null]);
    assert.match(output(), /^error +templates have none for Register$/m);
    assert.match(output(), /^unusable\.json: \d errors?$/m);
    assert.doesNotMatch(output(), /Starting/);
  });

  it('leaves no API behind when it breaks', async () => {
    const broken = `
      import { subscribe } from 'node:diagnostics_channel';
      subscribe('child_process', ({ process: child }) => child.once('spawn', () => {
        if (child.spawnargs.includes('offline')) console.log('API ' + child.pid + ' runs');
      }));
      process.on('SIGUSR2', () => { throw new Error('broken') });`;
    const started = npmStart({ ...(await freePorts()), NODE_OPTIONS: preload(broken) });
    await started.printed(' runs\n');
    const pid = Number(/API (\d+) runs/.exec(started.output())?.[1]);
    process.kill(pid, 'SIGSTOP'); // it cannot end by itself, as it would when nobody reads what it prints
    started.child.kill('SIGUSR2');
    assert.deepEqual(await started.ended, [1, null]);
    while (await isAlive(pid)) await sleep(50);
  });
});

/** Whether a process runs: one that ended may stay as a zombie, where the first process of a container waits for none. */
async function isAlive(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  const state = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return !state.includes(') Z ');
}

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

describe('npm start in a new clone, for others than this machine', { timeout: 280_000 }, async () => {
  const templates = ['Register', 'SignIn', 'ForgotPassword', 'Generic'].map((usageType) => ({
    usageType,
    content: `${usageType} at my shop: {{code}}`,
  }));
  const connector = { email: 'owner@example.com', apiKey: 'YOUR_API_KEY', senderName: 'MyShop', templates };
  await writeFile(join(folder, 'mine.json'), `\ufeff${JSON.stringify(connector)}`);
  const ports = await freePorts();
  const started = npmStart(
    {
      ...ports,
      HOST: '0.0.0.0',
      LOCAL_SECRET,
      INIT_CWD: folder,
      NODE_OPTIONS: preload(PAUSES),
      FORCE_COLOR: '1',
    },
    ['--config', 'mine.json'],
    folder,
  );
  after(() => started.child.kill('SIGKILL'));
  await started.printed(READY);

  /** An address of this machine that is not 127.0.0.1. */
  const elsewhere =
    Object.values(networkInterfaces())
      .flatMap((addresses = []) => addresses)
      .find(({ family, internal }) => family === 'IPv4' && !internal)?.address ?? '127.0.0.2';
  const page = `http://127.0.0.1:${ports.INBOX_PORT}`;

  const send = (code: string, to = '79031234567', authorization = LOCAL_SECRET) =>
    fetch(`http://${elsewhere}:${ports.PORT}/sms/logto`, {
      method: 'POST',
      headers: { authorization },
      body: JSON.stringify({ to, type: 'SignIn', payload: { code } }),
    });
  const get = async <Json>(path: string) => (await (await fetch(`${page}${path}`)).json()) as Json;
  const messages = () => get<{ text: string; from: string }[]>('/api/messages');

  it('answers at its other address with the secret that was chosen, and sends the texts of the file', async () => {
    assert.equal((await send('482913', '79031234567', 'Bearer local-development')).status, 401);
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
    const body = JSON.stringify({ platform: 'supabase', to: '79161234567', code: '135791' });
    const response = await fetch(`${page}/api/send`, { method: 'POST', body });
    assert.equal(((await response.json()) as { status: number }).status, 204, 'the page knows the secrets');
  });

  it('asks the limits also when the machine is busy', async () => {
    // Until the reports are there, whose functions call the table too.
    const delivered = async () => {
      const requests = await get<{ events: { type: string }[] }[]>('/api/requests');
      return requests.filter(({ events }) => events.some(({ type }) => type === 'SmsDelivered'));
    };
    while ((await delivered()).length < (await messages()).length) await sleep(50);
    await fetch(`${page}/pause`);
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
    const faults = `${page}/api/switches/no_money`;
    await fetch(faults, { method: 'PUT', body: '{"for":"until_off"}' });
    await fetch(`http://127.0.0.1:${ports.COGNITO_PORT}`, {
      method: 'POST',
      headers: { 'X-Amz-Target': 'AWSCognitoIdentityProviderService.SignUp' },
      body: JSON.stringify({ ClientId: 'local', Username: '+79261234567' }),
    });
    await started.printed('cognito-sms-sender: ');
    await started.printed('Register cognito \u001b[31mfailed: no_money');
    await fetch(faults, { method: 'DELETE' });
  });

  it('prints the addresses and commands again on Enter', async () => {
    const [, greeting = ''] = /(\n {2}Hook for Logto[\s\S]+?Send a code:)/.exec(started.output()) ?? [];
    assert.ok(greeting && started.child.stdin && started.child.stdout, started.output());
    started.child.stdin.write('\n');
    while (started.output().split(greeting).length < 3) await once(started.child.stdout, 'data');
  });

  it('sends with the account and the sender name that were pushed', async () => {
    const cli = await openCommandLine({ INBOX_PORT: ports.INBOX_PORT });
    const mine = JSON.parse((await readFile(join(folder, 'mine.json'), 'utf8')).slice(1));
    const account = { email: 'me@my-shop.ru', apiKey: 'Ab0Cd1Ef2Gh3Ij4Kl5', senderName: 'MyNewShop' };
    const file = await cli.write('pushed.json', { ...mine, ...account });
    const { exitCode, problems } = await cli.run(['config', 'push', file, '--local', '--yes']);
    assert.equal(exitCode, 0, problems);
    await cli.close();
    assert.equal((await send('482915', '79037654321')).status, 200, started.output());
    assert.equal((await messages())[0]?.from, 'MyNewShop');
  });

  it('says that its files are gone, and ends', async () => {
    await rm(join(folder, 'dist'), { recursive: true });
    assert.deepEqual(await started.ended, [1, null]);
    assert.match(
      started.output(),
      /The files that npm start runs from are gone: "npm ci" replaces node_modules/,
    );
  });
});
