import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import {
  type Account,
  createAccount,
  type Gate,
  type ReportPlan,
  startGate,
} from '../../../local/simulator/index.ts';
import { apiKey, call, email, send } from './client.ts';
import { type Delivered, fieldsOf, type Receiver, startReceiver, statusesOf } from './receiver.ts';

let account: Account;
let gate: Gate;
let receiver: Receiver;
beforeEach(async () => {
  const progress = { sentAfterMs: 20, deliveredAfterMs: 60 };
  account = createAccount({ email, apiKey, progress, reports: { pauseMs: 1 } });
  [gate, receiver] = await Promise.all([startGate(account), startReceiver()]);
});
afterEach(() => Promise.all([account.close(), gate.close(), receiver.close()]));

const ordered = (changes: object = {}) => send(gate, { callbackUrl: receiver.url, ...changes });

/** Sends one message with these options; gives its id and what arrived for it. */
async function reported(options: ReportPlan, changes: object = {}): Promise<[number, Delivered[]]> {
  account.reports.options = options;
  const before = receiver.delivered.length;
  const { id } = (await ordered(changes)).json.data;
  await account.reports.settled();
  return [id, receiver.delivered.slice(before)];
}

describe('a delivery report', () => {
  it('is a form by default, one for each change; JSON or a GET if asked for', async () => {
    const [id, forms] = await reported({});
    assert.deepEqual(
      forms.map(({ method, path, headers, body }) => [method, path, headers['content-type'], body]),
      [3, 1].map((status) => [
        'POST',
        '/reports/7?token=abc',
        'application/x-www-form-urlencoded',
        `id=${id}&status=${status}&extendStatus=${status === 3 ? 'sent' : 'delivery'}`,
      ]),
    );
    const [second, [json]] = await reported({}, { callbackFormat: 'JSON' });
    assert.ok(json);
    assert.equal(json.headers['content-type'], 'application/json');
    assert.deepEqual(fieldsOf(json), { id: second, status: 3, extendStatus: 'sent' });
    const [third, [get]] = await reported({ method: 'GET' });
    assert.deepEqual(
      [get?.method, get?.path],
      ['GET', `/reports/7?token=abc&id=${third}&status=3&extendStatus=sent`],
    );
  });

  it('is repeated until it is answered with 200, and the next one waits for it', async () => {
    const answers = [500, 204, 0, 200];
    receiver.answer = () => answers.shift() ?? 200;
    const [, delivered] = await reported({ pauseMs: 1 });
    assert.deepEqual(statusesOf(delivered), [3, 3, 3, 3, 1]);
    receiver.answer = () => 404;
    const [, given] = await reported({ repeats: 1, pauseMs: 1 });
    assert.deepEqual(statusesOf(given), [3, 3, 1, 1]);
    assert.deepEqual(
      account.reports.log.map(({ outcome }) => outcome),
      ['delivered', 'delivered', 'given_up', 'given_up'],
    );
  });

  it('goes wrong as ordered: never, in copies, of another message', async () => {
    const [id, none] = await reported({ never: true });
    assert.deepEqual(none, []);
    assert.equal((await call(gate, 'sms/status', { json: { id } })).json.data.status, 1);
    assert.deepEqual(statusesOf((await reported({ copies: 3 }))[1]), [3, 3, 3, 1, 1, 1]);
    const [, foreign] = await reported({ foreignId: 18, never: true });
    assert.ok(foreign.length > 0 && foreign.every((report) => fieldsOf(report)['id'] === '18'));
  });

  it('comes before the answer of sms/send where that is ordered', async () => {
    let isAnswered = false;
    const seen: [number | undefined, boolean][] = [];
    receiver.answer = async (report) => {
      // The gate has had time to answer somebody else.
      await call(gate, 'balance');
      seen.push([statusesOf([report])[0], isAnswered]);
      return 200;
    };
    account.reports.options = { early: 'all' };
    await ordered().finally(() => {
      isAnswered = true;
    });
    assert.deepEqual(seen, [
      [3, false],
      [1, false],
    ]);
  });
});
