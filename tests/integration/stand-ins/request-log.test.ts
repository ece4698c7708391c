import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RequestLog } from '../../../local/request-log.ts';

/** A line as the functions print it. */
const line = (name: string, requestId: string, fields: object, message = 'sms') =>
  JSON.stringify({
    level: 'INFO',
    message,
    timestamp: '2026-11-26T12:00:00.000Z',
    function_name: `smsaero-local-${name}`,
    function_request_id: requestId,
    ...fields,
  });

const exchange = (requestId: string | undefined, changes: object = {}) => ({
  method: 'POST',
  path: '/sms/logto?x=1',
  at: 1,
  durationMs: 5,
  status: 200,
  requestId,
  answer: '{}',
  ...changes,
});

const accepted = { outcome: 'accepted', deliveryId: 'D', platform: 'logto', ms: { guard: 2, total: 3 } };

describe('the requests', () => {
  for (const order of ['line first', 'answer first'] as const) {
    it(`are an answer and a line, ${order}`, () => {
      const log = new RequestLog();
      const steps = [() => log.line(line('sms-hook', 'R', accepted)), () => log.answered(exchange('R'))];
      for (const step of order === 'line first' ? steps : steps.toReversed()) step();
      const [request, ...others] = log.list();
      assert.deepEqual(others, []);
      assert.deepEqual(request, {
        id: 'R',
        requestId: 'R',
        at: 1,
        source: 'POST /sms/logto',
        outcome: 'accepted',
        status: 200,
        durationMs: 5,
        answer: '{}',
        fields: { outcome: 'accepted', deliveryId: 'D', platform: 'logto' },
        ms: { guard: 2, total: 3 },
        events: [],
      });
    });
  }

  it('have what happened to their message, also before their line is there', () => {
    const log = new RequestLog();
    log.event('SmsAccepted', { id: 'D', at: '2026-11-26T12:00:01.500Z' });
    log.line(line('sms-hook', 'R', accepted));
    log.answered(exchange('R'));
    log.line(line('delivery-report', 'X', { deliveryId: 'D', state: 'sent' }, 'report'));
    log.event('SmsAccepted', { id: 'other', at: '2026-11-26T12:00:01.500Z' });
    assert.deepEqual(
      log.list()[0]?.events.map(({ type }) => type),
      ['report: sent', 'SmsAccepted'],
    );
  });

  it('of a batch are one each', () => {
    const log = new RequestLog();
    for (const outcome of ['accepted', 'refused', 'accepted']) log.line(line('sms-queue', 'R', { outcome }));
    assert.deepEqual(
      log.list().map(({ source, outcome }) => [source, outcome]),
      [
        ['sms-queue', 'accepted'],
        ['sms-queue', 'refused'],
        ['sms-queue', 'accepted'],
      ],
    );
  });

  it('without a line are told by their status', () => {
    const log = new RequestLog();
    for (const [status, path] of [
      [200, '/sms/logto'],
      [413, '/sms/logto'],
      [502, '/sms/logto'],
      [504, '/sms/logto'],
      [200, '/messages/x'],
      [404, '/x'],
    ] as const) {
      log.answered(exchange(undefined, { status, path }));
    }
    assert.deepEqual(
      log.list().map(({ outcome }) => outcome),
      ['refused', 'answered', 'unknown', 'failed', 'refused', 'accepted'],
    );
  });

  it('are at most 1,000, and leave out the reports with their secret paths', () => {
    const log = new RequestLog();
    log.answered(exchange(undefined, { path: '/reports/token' }));
    assert.deepEqual(log.list(), []);
    for (let index = 0; index < 1_001; index += 1) log.answered(exchange(`R${index}`));
    assert.equal(log.list().length, 1_000);
    assert.equal(log.list().at(-1)?.id, 'R1');
  });

  it('are told of once, when answer and line are there', () => {
    const log = new RequestLog();
    const told: string[] = [];
    log.events.on('completed', ({ source, outcome, fields }) =>
      told.push(`${source} ${outcome} ${String(fields['reason'])}`),
    );
    const refused = { reason: 'unauthorized' };
    log.answered(exchange('A', { status: 401 }));
    assert.deepEqual(told, [], 'why is in the line');
    log.line(line('sms-hook', 'A', refused, 'request refused'));
    log.line(line('sms-hook', 'A', refused, 'unexpected error'));
    log.line(line('sms-hook', 'B', { outcome: 'failed', reason: 'no_money' }));
    log.answered(exchange('B', { status: 502 }));
    log.answered(exchange(undefined, { status: 404, path: '/sms/logto' })); // the API's own answer
    log.answered(exchange('C', { status: 200, method: 'GET', path: '/messages/x' }));
    log.answered(exchange('D', { status: 200, path: '/reports/token' }));
    log.line(line('sms-queue', 'E', { outcome: 'refused', reason: 'expired' }));
    assert.deepEqual(told, [
      'POST /sms/logto refused unauthorized',
      'POST /sms/logto failed no_money',
      'POST /sms/logto refused undefined',
      'GET /messages/x answered undefined',
      'sms-queue refused expired',
    ]);
  });

  it('ignore lines of others', () => {
    const log = new RequestLog();
    for (const text of ['', 'POST /sms/logto', '{', '[]', '{"message":"sms"}', '{"message":1}'])
      log.line(text);
    assert.deepEqual(log.list(), []);
  });
});
