import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { type Account, createAccount, type Gate, startGate } from '../../../local/simulator/index.ts';
import { createCertificate } from '../../support/certificate.ts';
import { apiKey, call, email, right, send, until } from './client.ts';
import { fieldsOf, type Receiver, startReceiver, statusesOf } from './receiver.ts';

let account: Account;
let gate: Gate;
let receiver: Receiver;
beforeEach(async () => {
  account = createAccount({ email, apiKey, progress: { sentAfterMs: 20, deliveredAfterMs: 60 } });
  [gate, receiver] = await Promise.all([startGate(account), startReceiver()]);
});
afterEach(() => Promise.all([account.close(), gate.close(), receiver.close()]));

const ordered = (changes: object = {}) => send(gate, { callbackUrl: receiver.url, ...changes });

describe('a delivery report', () => {
  it('is a form by default, one for each change', async () => {
    const { id } = (await ordered()).json.data;
    await account.reports.settled();
    assert.deepEqual(
      receiver.delivered.map(({ method, path, body }) => [method, path, body]),
      [
        ['POST', '/reports/7?token=abc', `id=${id}&status=3&extendStatus=sent`],
        ['POST', '/reports/7?token=abc', `id=${id}&status=1&extendStatus=delivery`],
      ],
    );
    for (const { headers, body } of receiver.delivered) {
      assert.equal(headers['content-type'], 'application/x-www-form-urlencoded');
      assert.equal(headers['content-length'], String(body.length));
    }
  });

  it('is JSON with numbers when sms/send asked for JSON', async () => {
    const { id } = (await ordered({ callbackFormat: 'JSON' })).json.data;
    await account.reports.settled();
    assert.deepEqual(receiver.delivered.map(fieldsOf), [
      { id, status: 3, extendStatus: 'sent' },
      { id, status: 1, extendStatus: 'delivery' },
    ]);
    assert.equal(receiver.delivered[0]?.headers['content-type'], 'application/json');
  });

  it('goes over https to a receiver that is trusted, and to no other', async () => {
    const certificate = await createCertificate();
    const secure = await startReceiver(certificate);
    account.progress = [{ status: 1, afterMs: 1 }];
    account.reports.options = ({ text }) =>
      text === 'Trusted' ? { ca: certificate.cert } : { repeats: 0, pauseMs: 1 };
    await ordered({ callbackUrl: secure.url, text: 'Trusted' });
    await account.reports.settled();
    await ordered({ callbackUrl: secure.url });
    await account.reports.settled();
    assert.deepEqual(
      account.reports.log.map(({ outcome }) => outcome),
      ['delivered', 'given_up'],
    );
    assert.equal(secure.delivered.length, 1);
    await secure.close();
  });

  it('is not sent without callbackUrl, nor by sms/testsend', async () => {
    await send(gate);
    await call(gate, 'sms/testsend', { json: { ...right, callbackUrl: receiver.url } });
    // A message of the same age has made all its changes.
    const { id } = (await ordered()).json.data;
    await account.reports.settled();
    assert.deepEqual(
      receiver.delivered.map((report) => fieldsOf(report)['id']),
      [String(id), String(id)],
    );
    assert.equal(account.reports.log.length, 2);
  });

  it('tells the status that a message is born with, unless it is queue', async () => {
    account.progress = 'frozen';
    const born = { status_rejected: 6, status_undelivered: 2, moderation: 8 };
    for (const [fault, status] of Object.entries(born)) {
      gate.faults.order({ fault: fault as 'moderation' });
      assert.equal((await ordered()).json.data.status, status);
      await account.reports.settled();
    }
    await ordered();
    await account.reports.settled();
    assert.deepEqual(statusesOf(receiver.delivered), [6, 2, 8]);
  });

  it('tells a status that is set by hand, and none that the clock had in store', async () => {
    const { id } = (await ordered()).json.data;
    await until(() => receiver.delivered.length === 1);
    account.setStatus(id, 2);
    await account.reports.settled();
    assert.equal(statusesOf(receiver.delivered).at(-1), 2);
    const told = receiver.delivered.length;
    await ordered();
    await account.reports.settled();
    assert.deepEqual(statusesOf(receiver.delivered.slice(told)), [3, 1]);
  });

  it('comes when sms/status says the same', async () => {
    const asked: unknown[] = [];
    receiver.answer = async (report) => {
      const { id, status } = fieldsOf(report);
      const { data } = (await call(gate, 'sms/status', { json: { id } })).json;
      // It may have moved on since, never be behind.
      asked.push([Number(status), [status, '1'].includes(String(data.status))]);
      return 200;
    };
    await Promise.all(Array.from({ length: 50 }, () => ordered()));
    await account.reports.settled();
    assert.equal(asked.length, 100);
    assert.deepEqual(new Set(asked.map(String)), new Set(['3,true', '1,true']));
  });
});

describe('a report that is not answered with 200', () => {
  it('is repeated, and the next one waits for it', async () => {
    const answers = [500, 204, 0, 200];
    receiver.answer = () => answers.shift() ?? 200;
    await ordered();
    await account.reports.settled();
    assert.deepEqual(statusesOf(receiver.delivered), [3, 3, 3, 3, 1]);
    const [first, second] = account.reports.log;
    assert.deepEqual(
      first?.attempts.map(({ at, ...outcome }) => outcome),
      [{ status: 500 }, { status: 204 }, { error: 'ECONNRESET' }, { status: 200 }],
    );
    assert.deepEqual([first?.outcome, first?.status, first?.url], ['delivered', 3, receiver.url]);
    assert.deepEqual([second?.outcome, second?.sequence, second?.attempts.length], ['delivered', 2, 1]);
  });

  it('is given up after as many repeats as told', async () => {
    account.reports.options = { repeats: 1, pauseMs: 1 };
    receiver.answer = () => 404;
    await ordered();
    await account.reports.settled();
    assert.deepEqual(statusesOf(receiver.delivered), [3, 3, 1, 1]);
    assert.deepEqual(
      account.reports.log.map(({ outcome }) => outcome),
      ['given_up', 'given_up'],
    );
  });

  it('is given up when nobody answers in time, or listens', async () => {
    account.progress = [{ status: 1, afterMs: 1 }];
    account.reports.options = { repeats: 0, timeoutMs: 50 };
    receiver.answer = () => new Promise<number>(() => {});
    await ordered();
    await account.reports.settled();
    await receiver.close();
    await ordered();
    await account.reports.settled();
    assert.deepEqual(
      account.reports.log.map(({ attempts }) => attempts.map((each) => 'error' in each && each.error)),
      [['ETIMEDOUT'], ['ECONNREFUSED']],
    );
  });
});

describe('many reports', () => {
  it('all arrive, at most 64 at a time', async () => {
    let [now, most] = [0, 0];
    const isFull = Promise.withResolvers<void>();
    receiver.answer = async () => {
      now += 1;
      most = Math.max(most, now);
      if (now === 64) isFull.resolve();
      await isFull.promise;
      // Time for more to come.
      await call(gate, 'balance');
      now -= 1;
      return 200;
    };
    const order = { text: 'Code', from: 'SMSAero', gate: 'org', callbackUrl: receiver.url };
    for (let index = 0; index < 500; index += 1)
      account.accept({ ...order, number: String(79_030_000_000 + index) });
    await account.reports.settled();
    assert.equal(new Set(receiver.delivered.map(({ body }) => body)).size, 1000);
    assert.equal(receiver.delivered.length, 1000);
    assert.equal(most, 64);
  });
});

describe('an account that closes', () => {
  it('abandons what is under way and sends nothing more', async () => {
    receiver.answer = () => new Promise<number>(() => {});
    await ordered();
    await until(() => receiver.delivered.length === 1);
    const settled = account.reports.settled();
    await account.close();
    await settled;
    await ordered();
    await account.reports.settled();
    assert.deepEqual(
      account.reports.log.map(({ outcome }) => outcome),
      ['abandoned'],
    );
  });
});

/** Runs a program that has accepted one message, born in moderation, in a process of its own. */
function run(program: string, signal: AbortSignal) {
  const start = `
    const { createAccount, startGate } = await import(process.argv[1]);
    const reports = { timeoutMs: 1e9, pauseMs: 1e9 };
    const account = createAccount({ email: 'a', apiKey: 'b', reports });
    const accept = (progress) => {
      account.progress = progress;
      account.accept({ number: '79031234567', text: 'Code', from: 'SMSAero', gate: 'org', callbackUrl: process.argv[2] });
    };`;
  const index = new URL('../../../local/simulator/index.ts', import.meta.url).href;
  const options = ['--input-type=module', '--eval', start + program, '--', index, receiver.url];
  return spawn(process.execPath, options, { stdio: ['pipe', 'ignore', 'inherit'], signal });
}

describe('a process', () => {
  const answers = { nobody: new Promise<number>(() => {}), 'an error': 500 };
  for (const [name, answer] of Object.entries(answers)) {
    it(`ends with its gates, while ${name} answers and changes are to come`, async ({ signal }) => {
      receiver.answer = () => answer;
      const program = `
        const gate = await startGate(account);
        accept([{ status: 8, afterMs: 0 }, { status: 1, afterMs: 1e9 }]);
        process.stdin.once('data', () => gate.close());`;
      const child = run(program, signal);
      const ended = once(child, 'close');
      await until(() => receiver.delivered.length === 1);
      child.stdin.end('now');
      assert.deepEqual(await ended, [0, null]);
    });
  }

  it('stays while it waits for the last report', async ({ signal }) => {
    const child = run(
      'accept({ sentAfterMs: 1, deliveredAfterMs: 50 }); await account.reports.settled();',
      signal,
    );
    assert.deepEqual(await once(child, 'close'), [0, null]);
    assert.deepEqual(statusesOf(receiver.delivered), [3, 1]);
  });
});
