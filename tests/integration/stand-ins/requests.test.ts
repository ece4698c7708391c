import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { describe, it } from 'node:test';
import { startFront } from '../../../local/front.ts';
import { listen } from '../../../local/loopback.ts';
import { describeProblem, describeRequest } from '../../../local/messages.ts';
import type { ServiceRequest } from '../../../local/page/contract.ts';
import { type Exchange, RequestLog } from '../../../local/request-log.ts';

const AT = new Date(2026, 10, 26, 12, 3, 11).getTime();

/** A line as the functions print it. */
const line = (name: string, requestId: string, fields: object, message = 'sms') =>
  JSON.stringify({
    level: 'INFO',
    message,
    timestamp: new Date(AT),
    function_name: `smsaero-local-${name}`,
    function_request_id: requestId,
    ...fields,
  });

const exchange = (requestId: string | undefined, changes: Partial<Exchange> = {}): Exchange => ({
  ...{ method: 'POST', path: '/sms/logto?x=1', at: 1, durationMs: 5, status: 200, requestId, answer: '{}' },
  ...changes,
});

const accepted = { outcome: 'accepted', deliveryId: 'D', platform: 'logto', ms: { guard: 2, total: 3 } };

describe('the API of the local stack', () => {
  it('passes on what programs ask, and nothing of a web page: neither its question beforehand nor its request', async () => {
    const passed: string[] = [];
    const told: Exchange[] = [];
    const api = await listen(
      createServer((request, response) => {
        passed.push(request.url ?? '');
        const origin = request.headers.origin ?? '*';
        response.writeHead(200, { 'Access-Control-Allow-Origin': origin, 'X-Request-Id': 'R' }).end('yes');
      }),
    );
    const front = await startFront({ target: api.port }, (each) => told.push(each));
    const url = `http://${front.authority}/sms/logto`;
    assert.equal((await fetch(url, { method: 'POST', body: '{}' })).status, 200);
    for (const origin of ['https://evil.example', 'null', `http://${front.authority}`]) {
      for (const method of ['OPTIONS', 'POST']) {
        const { status, headers } = await fetch(url, { method, headers: { Origin: origin } });
        assert.deepEqual([status, headers.get('access-control-allow-origin')], [403, null]);
      }
    }
    assert.deepEqual(passed, ['/sms/logto']);
    assert.deepEqual(
      told.map(({ method, path, status, requestId, answer }) => [method, path, status, requestId, answer]),
      [['POST', '/sms/logto', 200, 'R', 'yes']],
    );
    await Promise.all([front.close(), api.close()]);
  });
});

describe('the requests', () => {
  for (const order of ['line first', 'answer first'] as const) {
    it(`are an answer and a line, ${order}`, () => {
      const log = new RequestLog();
      const steps = [() => log.line(line('sms-hook', 'R', accepted)), () => log.answered(exchange('R'))];
      for (const step of order === 'line first' ? steps : steps.toReversed()) step();
      const [request, ...others] = log.list();
      assert.deepEqual(others, []);
      assert.deepEqual(request, {
        ...{ id: 'R', requestId: 'R', at: 1, source: 'POST /sms/logto', outcome: 'accepted', status: 200 },
        ...{ durationMs: 5, answer: '{}', ms: { guard: 2, total: 3 }, events: [] },
        fields: { outcome: 'accepted', deliveryId: 'D', platform: 'logto' },
      });
    });
  }

  it('have what happened to their message, also before their line is there', () => {
    const log = new RequestLog();
    log.event('SmsAccepted', { id: 'D', at: new Date(AT + 1_500) });
    log.line(line('sms-hook', 'R', accepted));
    log.answered(exchange('R'));
    log.line(line('delivery-report', 'X', { deliveryId: 'D', state: 'sent' }, 'report'));
    log.event('SmsAccepted', { id: 'other', at: new Date(AT + 1_500) });
    assert.deepEqual(
      log.list()[0]?.events.map(({ type }) => type),
      ['report: sent', 'SmsAccepted'],
    );
  });

  it('of a batch are one each', () => {
    const log = new RequestLog();
    const outcomes = ['accepted', 'refused', 'accepted'];
    for (const outcome of outcomes) log.line(line('sms-queue', 'R', { outcome }));
    assert.deepEqual(
      log.list().map(({ source, outcome }) => [source, outcome]),
      outcomes.map((outcome) => ['sms-queue', outcome]),
    );
  });

  for (const [outcome, status, path] of [
    ['accepted', 200, '/sms/logto'],
    ['refused', 413, '/sms/logto'],
    ['failed', 502, '/sms/logto'],
    ['unknown', 504, '/sms/logto'],
    ['answered', 200, '/messages/x'],
    ['refused', 404, '/x'],
  ] as const) {
    it(`without a line are told by their status: ${status} of ${path} was ${outcome}`, () => {
      const log = new RequestLog();
      log.answered(exchange(undefined, { status, path }));
      assert.equal(log.list()[0]?.outcome, outcome);
    });
  }

  it('are at most 1,000, without lines of others, and leave out the reports with their secret paths', () => {
    const log = new RequestLog();
    log.answered(exchange(undefined, { path: '/reports/token' }));
    for (const text of ['', 'POST /sms/logto', '{', '[]', '{"message":"sms"}', '{"message":1}'])
      log.line(text);
    assert.deepEqual(log.list(), []);
    for (let index = 0; index < 1_001; index += 1) log.answered(exchange(`R${index}`));
    assert.deepEqual([log.list().length, log.list().at(-1)?.id], [1_000, 'R1']);
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
});

describe('the line of a request', () => {
  const plain = (_style: unknown, text: string) => text;
  const request = (changes: Partial<ServiceRequest> = {}): ServiceRequest => ({
    ...{ id: 'R', at: AT, source: 'POST /sms/logto', outcome: 'accepted', status: 200, durationMs: 28.4 },
    ...{ ms: {}, events: [] },
    fields: { platform: 'logto', recipient: '+7903•••4567', usageType: 'SignIn' },
    ...changes,
  });
  const told = (fields: object) => ({ fields: { ...request().fields, ...fields } });
  const limited = { reason: 'rate_exceeded', limit: 'recipient', retryAfter: 30 };
  const invalid = (path: string, code: string) => ({ reason: 'invalid_request', fields: [{ path, code }] });
  const byQueue = { source: 'sms-queue', status: undefined, durationMs: undefined, ms: { total: 7.6 } };

  const cases: readonly (readonly [expected: string, changes: Partial<ServiceRequest>])[] = [
    ['+7903…4567 SignIn logto accepted 28 ms', {}],
    [
      '+7903…4567 SignIn logto refused: rate_exceeded (recipient, again in 30 s) 28 ms',
      { outcome: 'refused', ...told(limited) },
    ],
    [
      '+7903…4567 SignIn logto duplicate: accepted 28 ms',
      { outcome: 'duplicate', ...told({ of: 'accepted' }) },
    ],
    ['+7903…4567 SignIn queue accepted 8 ms', { ...byQueue, ...told({ platform: 'queue' }) }],
    ['logto refused: unauthorized 28 ms', { outcome: 'refused', fields: { reason: 'unauthorized' } }],
    [
      'logto refused: invalid_request (payload.code: invalid_type) 28 ms',
      { outcome: 'refused', fields: invalid('payload.code', 'invalid_type') },
    ],
    [
      'logto refused: invalid_request (invalid_json) 28 ms',
      { outcome: 'refused', fields: invalid('', 'invalid_json') },
    ],
    [
      'GET /nothing refused: HTTP 404 28 ms',
      { source: 'GET /nothing', outcome: 'refused', status: 404, fields: {} },
    ],
    [
      'GET /messages/x refused: unauthorized 28 ms',
      { source: 'GET /messages/x', outcome: 'refused', fields: {}, answer: '{"code":"unauthorized"}' },
    ],
    ['logto failed: broken 28 ms', { outcome: 'failed', fields: { problem: { message: 'broken' } } }],
    ['GET /messages/x 200 28 ms', { source: 'GET /messages/x', outcome: 'answered', fields: {} }],
  ];
  for (const [expected, changes] of cases) {
    it(`is "${expected}"`, () =>
      assert.equal(describeRequest(request(changes), plain), `12:03:11 ${expected}`));
  }

  it('shows nothing that a terminal obeys, and no whole number', () => {
    const fields = { usageType: 'Sign\u001b[2JIn', platform: '79031234567' };
    assert.doesNotMatch(describeRequest(request({ fields }), plain), /\p{Cc}|79031234567/u);
  });

  it('stands beside warnings and errors that end no request, and beside nothing else', () => {
    const problem = { name: 'E', message: 'timed out' };
    for (const [text, expected] of [
      [
        line('sms-hook', 'R', { level: 'ERROR', part: 'limits', problem }, 'guard skipped'),
        '12:03:11 sms-hook guard skipped: limits, timed out',
      ],
      [
        line('sms-hook', 'R', { level: 'WARN', reason: 'user_unknown' }, 'code not sent'),
        '12:03:11 sms-hook code not sent: user_unknown',
      ],
      ['✖ Unhandled exception', '✖ Unhandled exception'],
      [line('sms-hook', 'R', { level: 'WARN', outcome: 'refused' }), undefined],
      [line('sms-hook', 'R', { level: 'WARN' }, 'request refused'), undefined],
      [line('delivery-report', 'R', {}, 'report'), undefined],
      ['{"_aws":{}}', undefined],
      ['POST /sms/logto (λ: sms-hook)', undefined],
    ] as const) {
      assert.equal(describeProblem(text, plain), expected);
    }
  });
});
