import assert from 'node:assert/strict';
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
