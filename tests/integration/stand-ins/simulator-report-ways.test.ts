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
  account = createAccount({
    email,
    apiKey,
    progress: { sentAfterMs: 20, deliveredAfterMs: 60 },
    reports: { pauseMs: 1 },
  });
  [gate, receiver] = await Promise.all([startGate(account), startReceiver()]);
});
afterEach(() => Promise.all([account.close(), gate.close(), receiver.close()]));

const ordered = (changes: object = {}) => send(gate, { callbackUrl: receiver.url, ...changes });

/** Sends one message with these options; gives its id and what arrived. */
async function reported(options: ReportPlan, changes: object = {}): Promise<[number, Delivered[]]> {
  account.reports.options = options;
  const { id } = (await ordered(changes)).json.data;
  await account.reports.settled();
  return [id, receiver.delivered];
}

describe('reports that go wrong', () => {
  it('never come, and sms/status tells the truth', async () => {
    const [id, delivered] = await reported({ never: true });
    const status = async () => (await call(gate, 'sms/status', { json: { id } })).json.data.status;
    assert.equal(await status(), 1);
    assert.deepEqual([delivered, account.reports.log], [[], []]);
  });

  it('come as many times as told', async () => {
    const [, delivered] = await reported({ copies: 3 });
    assert.deepEqual(statusesOf(delivered), [3, 3, 3, 1, 1, 1]);
    assert.equal(new Set(delivered.map(({ body }) => body)).size, 2);
  });

  it('come in reverse, the last status first', async () => {
    account.progress = [
      { status: 8, afterMs: 0 },
      { status: 3, afterMs: 10 },
      { status: 1, afterMs: 20 },
    ];
    const [, delivered] = await reported({ reorder: true });
    assert.deepEqual(statusesOf(delivered), [1, 3, 8]);
  });

  it('are a GET with the fields behind the query of the URL', async () => {
    const [id, delivered] = await reported({ method: 'GET' }, { callbackFormat: 'JSON' });
    assert.deepEqual(
      delivered.map(({ method, path, headers, body }) => [method, path, headers['content-type'], body]),
      [
        ['GET', `/reports/7?token=abc&id=${id}&status=3&extendStatus=sent`, undefined, ''],
        ['GET', `/reports/7?token=abc&id=${id}&status=1&extendStatus=delivery`, undefined, ''],
      ],
    );
  });

  it('are JSON with strings, and have fields that nobody knows', async () => {
    const extra = { number: 79031234567, cost: '4.19', data: { a: [1] } };
    const [id, [report]] = await reported({ strings: true, extra }, { callbackFormat: 'JSON' });
    assert.ok(report);
    assert.deepEqual(fieldsOf(report), { id: String(id), status: '3', extendStatus: 'sent', ...extra });
  });

  it('name another message, beside the right one or in its place', async () => {
    const ids = () => receiver.delivered.map((report) => Number(fieldsOf(report)['id'])).sort();
    account.progress = [{ status: 1, afterMs: 1 }];
    const [id] = await reported({ foreignId: 17 });
    assert.deepEqual(ids(), [17, id]);
    const [, delivered] = await reported({ foreignId: 18, never: true });
    assert.equal(delivered.length, 3);
    assert.equal(ids()[1], 18);
    assert.deepEqual(
      account.reports.log.map((report) => [report.messageId, report.id]),
      [
        [id, 17],
        [id, id],
        [id + 1, 18],
      ],
    );
  });

  it('are picked for each message, once', async () => {
    const asked: string[] = [];
    account.reports.options = ({ text }) => {
      asked.push(text);
      return text === 'Never' ? { never: true } : { copies: text === 'Twice' ? 2 : 1 };
    };
    for (const text of ['Never', 'Twice', 'Once']) {
      await ordered({ text });
      await account.reports.settled();
    }
    assert.deepEqual(asked, ['Never', 'Twice', 'Once']);
    assert.deepEqual(statusesOf(receiver.delivered), [3, 3, 1, 1, 3, 1]);
  });
});

describe('early reports', () => {
  it('reach the receiver before the answer of sms/send, the first or all of them', async () => {
    for (const early of ['first', 'all'] as const) {
      let isAnswered = false;
      const seen: [number, boolean][] = [];
      account.progress = [
        { status: 3, afterMs: 20 },
        { status: 1, afterMs: early === 'all' ? 60 : 3_600_000 },
      ];
      account.reports.options = { early };
      receiver.answer = async (report) => {
        // The gate has had time to answer somebody else.
        await call(gate, 'balance');
        seen.push([...statusesOf([report]), isAnswered] as [number, boolean]);
        return 200;
      };
      const answer = await ordered().finally(() => {
        isAnswered = true;
      });
      assert.equal(answer.json.data.status, 0);
      const expected = [
        [3, false],
        [1, false],
      ];
      assert.deepEqual(seen, early === 'all' ? expected : expected.slice(0, 1));
    }
  });
});
