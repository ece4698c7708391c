import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { expiryOf } from '../../../lib/queue/command.ts';
import { unwrapCommand } from '../../../lib/queue/unwrap.ts';

const COMMAND = {
  specversion: '1.0',
  id: '01JDC0',
  source: 'https://shop.example',
  type: 'sms.send.v1',
  time: '2026-11-24T12:00:00Z',
  datacontenttype: 'application/json',
  data: { to: '79031234567', type: 'SignIn', payload: { code: '482913', shop: 'Лавка' }, locale: 'ru' },
};
const eventBridge = (detail: unknown) => ({
  version: '0',
  id: '7bf73129-1428-4cd3-a780-95db273d1602',
  'detail-type': 'sms.send.v1',
  source: 'shop',
  account: '111122223333',
  time: '2026-11-24T12:00:01Z',
  region: 'eu-central-1',
  resources: [],
  detail,
});
const sns = (message: unknown) => ({
  Type: 'Notification',
  MessageId: '22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324',
  TopicArn: 'arn:aws:sns:eu-central-1:111122223333:codes',
  Message: JSON.stringify(message),
  Timestamp: '2026-11-24T12:00:01.000Z',
});

const { datacontenttype: _, ...read } = COMMAND;

describe('a command', () => {
  for (const [way, body] of Object.entries({
    'bare, or in an SNS notification with raw delivery': COMMAND,
    'as the detail of an EventBridge event': eventBridge(COMMAND),
    'in an SNS notification': sns(COMMAND),
    'in an EventBridge event in an SNS notification': sns(eventBridge(COMMAND)),
  })) {
    it(`is found ${way}`, () => assert.deepEqual(unwrapCommand(JSON.stringify(body)).command, read));
  }

  it('was taken when the first of bus and topic took it, and at no time without them', () => {
    const wrappedAt = (body: unknown) => {
      const { command, wrappedAt: at } = unwrapCommand(JSON.stringify(body));
      assert.ok(command);
      return at;
    };
    const second = Date.UTC(2026, 10, 24, 12, 0, 1);
    assert.equal(wrappedAt(eventBridge(COMMAND)), second);
    assert.equal(wrappedAt(sns(COMMAND)), second);
    assert.equal(wrappedAt({ ...sns(eventBridge(COMMAND)), Timestamp: '2026-11-24T12:00:09.000Z' }), second);
    assert.equal(wrappedAt(COMMAND), Number.POSITIVE_INFINITY);
    assert.equal(wrappedAt({ ...eventBridge(COMMAND), time: '2026-11-24T13:00:01+01:00' }), second);
    // An envelope that somebody made himself. `Date.parse` would have most of these long over.
    for (const time of [
      ...['noon', '', 'order 5', '12', 12, 1_795_521_601, null, true, {}, [2026]],
      ...['2026-11-24', '2026-11-24 12:00:01', '2026-11-24T12:00:01', '2026-13-24T12:00:01Z'],
    ]) {
      assert.equal(wrappedAt({ ...eventBridge(COMMAND), time }), Number.POSITIVE_INFINITY, String(time));
    }
  });

  const problemsOf = (body: unknown) =>
    unwrapCommand(typeof body === 'string' ? body : JSON.stringify(body)).problems?.map(({ path }) => path);

  it('is none, and it is said where, never what', () => {
    assert.deepEqual(problemsOf('hello'), ['']);
    assert.deepEqual(problemsOf('[]'), ['']);
    assert.deepEqual(problemsOf('null'), ['']);
    assert.deepEqual(problemsOf(sns('no JSON object')), ['specversion', 'id', 'source', 'type', 'data']);
    assert.deepEqual(problemsOf({ ...COMMAND, specversion: '0.3' }), ['specversion']);
    assert.deepEqual(problemsOf({ ...COMMAND, type: 'sms.send.v2' }), ['type']);
    assert.deepEqual(problemsOf({ ...COMMAND, id: '' }), ['id']);
    assert.deepEqual(problemsOf({ ...COMMAND, data: { ...COMMAND.data, payload: { code: 482913 } } }), [
      'data.payload.code',
    ]);
    assert.deepEqual(problemsOf({ ...COMMAND, data: { ...COMMAND.data, expiresAt: 'soon' } }), [
      'data.expiresAt',
    ]);
    assert.deepEqual(problemsOf({ ...COMMAND, time: 'yesterday' }), ['time']);
    assert.deepEqual(problemsOf({ ...COMMAND, data: undefined }), ['data']);
    const { problems } = unwrapCommand(JSON.stringify({ ...COMMAND, data: { to: '79031234567' } }));
    assert.doesNotMatch(JSON.stringify(problems), /79031234567/);
  });

  it('is not looked for without end', () => {
    let body: object = COMMAND;
    for (let depth = 0; depth < 4; depth += 1) body = eventBridge(body);
    assert.ok(unwrapCommand(JSON.stringify(body)).problems);
  });

  it('is a command or a list of problems, whatever comes', () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string()), (body) => {
        const { command, problems } = unwrapCommand(body);
        return (command === undefined) !== (problems === undefined);
      }),
    );
  });
});

describe('the life of a command', () => {
  const parse = (changes: object, data: object = {}) => {
    const { command } = unwrapCommand(
      JSON.stringify({ ...COMMAND, ...changes, data: { ...COMMAND.data, ...data } }),
    );
    return command ?? assert.fail('no command');
  };
  const noon = Date.UTC(2026, 10, 24, 12);

  it('ends when it says so', () => {
    const command = parse({}, { expiresAt: '2026-11-24T13:30:00+01:00' });
    assert.equal(expiryOf(command, noon), noon + 30 * 60_000);
  });

  it('is ten minutes from its time, or from when the queue took it', () => {
    assert.equal(expiryOf(parse({}), noon + 120_000), noon + 600_000);
    assert.equal(expiryOf(parse({ time: undefined }), noon + 120_000), noon + 720_000);
  });

  it('is no longer because the sender’s clock is ahead', () => {
    assert.equal(expiryOf(parse({ time: '2026-11-24T15:00:00Z' }), noon), noon + 600_000);
  });
});
