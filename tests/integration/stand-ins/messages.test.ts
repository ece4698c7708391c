import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { describeProblem, describeRequest } from '../../../local/messages.ts';
import type { ServiceRequest } from '../../../local/page/contract.ts';

const AT = new Date(2026, 10, 26, 12, 3, 11).getTime();

const plain = (_style: unknown, text: string) => text;
const coloured = (style: unknown, text: string) => `<${String(style)}>${text}</>`;

const request = (changes: Partial<ServiceRequest> = {}): ServiceRequest => ({
  ...{ id: 'R', at: AT, source: 'POST /sms/logto', outcome: 'accepted', status: 200, durationMs: 28.4 },
  ...{ ms: {}, events: [] },
  fields: { platform: 'logto', recipient: '+7903•••4567', usageType: 'SignIn' },
  ...changes,
});

const line = (changes: Partial<ServiceRequest>) => describeRequest(request(changes), plain);

describe('the line of a request', () => {
  it('says when, to whom, what for, from where, how it ended and how long it took', () => {
    assert.equal(line({}), '12:03:11 +7903…4567 SignIn logto accepted 28 ms');
  });

  it('says why a message was not sent', () => {
    const { fields } = request();
    const limited = { ...fields, reason: 'rate_exceeded', limit: 'recipient', retryAfter: 30 };
    for (const [changes, expected] of [
      [
        { outcome: 'refused', status: 429, fields: limited },
        'refused: rate_exceeded (recipient, again in 30 s)',
      ],
      [{ outcome: 'failed', status: 502, fields: { ...fields, reason: 'no_money' } }, 'failed: no_money'],
      [{ outcome: 'unknown', status: 504, fields: { ...fields, reason: 'no_answer' } }, 'unknown: no_answer'],
      [{ outcome: 'duplicate', fields: { ...fields, of: 'accepted' } }, 'duplicate: accepted'],
    ] as const) {
      assert.equal(line(changes), `12:03:11 +7903…4567 SignIn logto ${expected} 28 ms`);
    }
  });

  it('says the same of callers without a secret and of invalid requests', () => {
    const invalid = [{ path: 'payload.code', code: 'invalid_type' }];
    for (const [changes, expected] of [
      [{ status: 401, fields: { reason: 'unauthorized' } }, 'logto refused: unauthorized'],
      [
        { status: 400, fields: { reason: 'invalid_request', fields: invalid } },
        'logto refused: invalid_request (payload.code: invalid_type)',
      ],
      [
        { status: 400, fields: { reason: 'invalid_request', fields: [{ path: '', code: 'invalid_json' }] } },
        'logto refused: invalid_request (invalid_json)',
      ],
      [{ source: 'GET /nothing', status: 404, fields: {} }, 'GET /nothing refused: HTTP 404'],
      [
        { source: 'GET /messages/x', status: 401, fields: {}, answer: '{"code":"unauthorized"}' },
        'GET /messages/x refused: unauthorized',
      ],
      [
        { outcome: 'failed', status: 500, fields: { problem: { message: 'x is not a function' } } },
        'logto failed: x is not a function',
      ],
    ] as const) {
      assert.equal(line({ outcome: 'refused', ...changes }), `12:03:11 ${expected} 28 ms`);
    }
  });

  it('says it of messages that did not come by HTTP, and of questions', () => {
    const { durationMs: _, status: __, ...rest } = request({ source: 'sms-queue', ms: { total: 7.6 } });
    const fields = { ...rest.fields, platform: 'queue' };
    assert.equal(
      describeRequest({ ...rest, fields }, plain),
      '12:03:11 +7903…4567 SignIn queue accepted 8 ms',
    );
    const question = { source: 'GET /messages/x', outcome: 'answered', fields: {} } as const;
    assert.equal(line(question), '12:03:11 GET /messages/x 200 28 ms');
  });

  it('has a colour for each outcome', () => {
    const outcomes = ['accepted', 'duplicate', 'refused', 'failed', 'unknown', 'answered'] as const;
    const colours = outcomes.map((outcome) => {
      const [, , colour = ''] = describeRequest(request({ outcome }), coloured).match(/<(\w+)>/g) ?? [];
      return colour || describeRequest(request({ outcome }), coloured).match(/<(\w+)>/g)?.[1];
    });
    assert.equal(new Set(colours).size, outcomes.length);
  });

  it('shows nothing that a terminal obeys, and no whole number', () => {
    const shown = line({ fields: { usageType: 'Sign\u001b[2JIn', platform: '79031234567' } });
    assert.doesNotMatch(shown, /\p{Cc}|79031234567/u);
  });
});

describe('the problems beside the requests', () => {
  const log = (level: string, message: string, fields: object = {}) =>
    JSON.stringify({
      level,
      message,
      function_name: 'smsaero-local-sms-hook',
      timestamp: new Date(AT),
      ...fields,
    });
  const problem = (text: string) => describeProblem(text, plain);

  it('are warnings and errors that end no request', () => {
    const skipped = log('ERROR', 'guard skipped', {
      part: 'limits',
      problem: { name: 'E', message: 'timed out' },
    });
    assert.equal(problem(skipped), '12:03:11 sms-hook guard skipped: limits, timed out');
    assert.equal(
      problem(log('WARN', 'code not sent', { reason: 'user_unknown' })),
      '12:03:11 sms-hook code not sent: user_unknown',
    );
    assert.equal(problem('✖ Unhandled exception'), '✖ Unhandled exception');
  });

  it('are not what each request prints anyway', () => {
    for (const text of [
      log('WARN', 'sms', { outcome: 'refused' }),
      log('WARN', 'request refused'),
      log('INFO', 'report'),
      '{"_aws":{}}',
      '',
      'POST /sms/logto (λ: sms-hook)',
    ]) {
      assert.equal(problem(text), undefined, text);
    }
  });
});
