import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { escapeBraces } from '../../../lib/config/parameters.ts';
import { newDeliveryId, reportToken } from '../../../lib/delivery/delivery-id.ts';
import { ERRORS } from '../../../lib/http/errors.ts';
import { LOCAL_HASH_KEY } from '../../../local/parameter-store.ts';
import { type RunningFunction, startFunction } from '../../support/function.ts';
import { Replies } from '../../support/replies.ts';
import { CONNECTOR, LOGTO_SECRET, type Stack, startStack } from '../../support/stack.ts';

const PATH = '/smsaero/test';
const DIRECT_SECRET = 'Bearer direct-secret-0123456789';
const LOGTO = 'POST /sms/logto';
const DIRECT = 'POST /sms/direct';
const MESSAGE = 'GET /messages/{id}';
const REPORT = 'POST /reports/{token}';

/** A text that grows with the request, ten values of up to 64 characters, so that one can be too long. */
const TEMPLATES = CONNECTOR.templates.map((template) =>
  template.usageType === 'Generic' ? { ...template, content: `{{code}}${' {{note}}'.repeat(10)}` } : template,
);

let numbers = 0;
/** A number in a block of its own. */
const fresh = () => {
  numbers += 1;
  return `7903${String(numbers).padStart(4, '0')}001`;
};

suite('The answers of the running functions are those of docs/openapi.json', () => {
  const replies = new Replies();
  let stack: Stack;
  let messageStatus: RunningFunction;
  let deliveryReport: RunningFunction;

  before(async () => {
    stack = await startStack({
      guard: true,
      plainHttp: true,
      gates: 1,
      environment: {
        SMSAERO_GUARD_TIMEOUT_MS: '2000',
        SMSAERO_GUARD_REQUIRED: 'true',
        SMSAERO_LIMIT_RANGE_HOUR: 'RU-977:0',
      },
      prepare: (parameters) => {
        parameters.put(`${PATH}/platforms/direct`, DIRECT_SECRET, 'SecureString');
        parameters.put(`${PATH}/templates`, escapeBraces(JSON.stringify(TEMPLATES)));
      },
    });
    const environment = {
      SMSAERO_CONFIG_PATH: PATH,
      SMSAERO_TABLE: 'smsaero-test',
      AWS_ENDPOINT_URL_SSM: stack.parameters.url,
      AWS_ENDPOINT_URL_DYNAMODB: stack.table.url,
    };
    [messageStatus, deliveryReport] = await Promise.all([
      startFunction('message-status', environment),
      startFunction('delivery-report', environment),
    ]);
  });
  after(() => Promise.all([messageStatus.close(), deliveryReport.close()]).then(() => stack.close()));

  const post = (at: string, expected: string, body: unknown, headers: Record<string, string> = {}) =>
    replies.check(stack.hook.url, at, expected, {
      headers: {
        authorization: at === LOGTO ? LOGTO_SECRET : DIRECT_SECRET,
        'content-type': 'application/json',
        ...headers,
      },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  const message = (changes: object = {}) => ({
    to: fresh(),
    type: 'SignIn',
    payload: { code: '482913' },
    ...changes,
  });

  for (const at of [LOGTO, DIRECT]) {
    test(`${at}: sent, repeated, refused by the service`, async () => {
      const sent = message();
      await post(at, '200', sent);
      await post(at, '200', sent);
      await post(at, '429 rate_exceeded', { ...sent, payload: { code: '111111' } });
      await post(at, '400 invalid_request', { to: 7 });
      await post(at, '400 invalid_request', 'no JSON');
      await post(at, '400 invalid_recipient', message({ to: '74951234567' }));
      await post(
        at,
        '400 text_too_long',
        message({ type: 'Generic', payload: { code: '1', note: 'x'.repeat(64) } }),
      );
      await post(at, '401 unauthorized', message(), { authorization: 'Bearer wrong' });
      await post(at, '403 country_not_allowed', message({ to: '+77011234567' }));
      await post(at, '403 range_not_allowed', message({ to: '+79771234567' }));
      await post(at, '413 body_too_large', 'x'.repeat(65 * 1024));
      await replies.check(stack.hook.url, at, '405 method_not_allowed', { method: 'PUT' });
    });

    test(`${at}: not sent by SMS Aero, and unknown`, async () => {
      const { faults } = stack.gates[0] as Stack['gates'][number];
      faults.order({ fault: 'success_false' });
      await post(at, '502 gateway_refused', message());
      faults.order({ fault: 'rate_limited', retryAfter: 7 });
      await post(at, '503 gateway_unavailable', message());
      faults.order({ fault: 'reset_before_acceptance' });
      const { id } = await post(at, '504 outcome_unknown', message());
      assert.equal(typeof id, at === DIRECT ? 'string' : 'undefined');
    });

    test(`${at}: no table`, async () => {
      stack.table.choose = () => 'reset';
      try {
        await post(at, '503 guard_unavailable', message());
      } finally {
        stack.table.choose = undefined;
      }
    });
  }

  test(`${DIRECT}: a key that comes again`, async () => {
    const headers = { 'idempotency-key': '3c1a' };
    const body = message();
    assert.equal((await post(DIRECT, '200', body, headers))['duplicate'], false);
    assert.equal((await post(DIRECT, '200', body, headers))['duplicate'], true);
    await post(DIRECT, '422 idempotency_conflict', message(), headers);
    await post(DIRECT, '400 invalid_request', message(), { 'idempotency-key': 'with spaces' });
  });

  test(MESSAGE, async () => {
    const { id } = await post(DIRECT, '200', message());
    const get = (expected: string, path: string, authorization = DIRECT_SECRET, method = 'GET') =>
      replies.check(messageStatus.url, MESSAGE, expected, { path, method, headers: { authorization } });
    assert.equal((await get('200', `/messages/${id}`))['status'], 'accepted');
    await get('404 not_found', `/messages/${newDeliveryId(Date.now())}`);
    await get('401 unauthorized', `/messages/${id}`, 'Bearer wrong');
    await get('405 method_not_allowed', `/messages/${id}`, DIRECT_SECRET, 'DELETE');
    stack.table.choose = () => 'reset';
    try {
      await get('503 records_unavailable', `/messages/${id}`);
    } finally {
      stack.table.choose = undefined;
    }
  });

  test(REPORT, async () => {
    const path = `/reports/${reportToken(LOCAL_HASH_KEY, newDeliveryId(Date.now()))}`;
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const report = { path, headers, body: 'id=1254837211&status=1' };
    await replies.check(deliveryReport.url, REPORT, '200', report);
    await replies.check(deliveryReport.url, REPORT, '200', { ...report, path: '/reports/forged' });
    await replies.check(deliveryReport.url, 'GET /reports/{token}', '200', { path });
    stack.table.choose = () => 'reset';
    try {
      await replies.check(deliveryReport.url, REPORT, '503 records_unavailable', {
        ...report,
        body: 'id=1254837211&status=2',
      });
    } finally {
      stack.table.choose = undefined;
    }
  });

  test('a platform that is off, and no configuration', async () => {
    const bare = await startStack({ plainHttp: true, gates: 1 });
    await replies.check(bare.hook.url, DIRECT, '404 not_found', { body: '{}' });
    await bare.close();
    const broken = await startStack({
      plainHttp: true,
      gates: 1,
      prepare: (parameters) => parameters.put(`${PATH}/email`, 'nobody'),
    });
    await replies.check(broken.hook.url, LOGTO, '503 configuration_unavailable', { body: '{}' });
    await broken.close();
  });

  test('none of the error codes was left out but the one for what nobody foresaw, and one that only Okta gets', () => {
    const codes = Object.entries(ERRORS).map(([code, { statusCode }]) => `${statusCode} ${code}`);
    assert.deepEqual(
      codes.filter((code) => !replies.seen.has(code)),
      ['400 call_not_supported', '500 internal_error'], // Okta's form has no such code: tests/contract/platforms/okta.ts
    );
  });
});
