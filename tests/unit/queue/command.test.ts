import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { expiryOf, parseTime, readCommand } from '../../../lib/queue/command.ts';

const NOON = Date.UTC(2026, 10, 24, 12);

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
    it(`is found ${way}`, () => assert.deepEqual(readCommand(JSON.stringify(body), NOON).command, read));
  }

  const data = COMMAND.data;
  for (const [name, body, problems] of [
    ['no JSON', 'hello', [' invalid_json']],
    ['a list', [], [' invalid_json']],
    ['without a time, as null is absent', { ...COMMAND, time: null }, ['time invalid_type']],
    ['of another version', { ...COMMAND, specversion: '0.3' }, ['specversion invalid_value']],
    ['without an id', { ...COMMAND, id: '' }, ['id too_small']],
    [
      'with a number as code',
      { ...COMMAND, data: { ...data, payload: { code: 482913 } } },
      ['data.payload.code invalid_type'],
    ],
    ['without a code', { ...COMMAND, data: { to: data.to } }, ['data.payload invalid_type']],
    ['with a vague end', { ...COMMAND, data: { ...data, expiresAt: 'soon' } }, ['data.expiresAt custom']],
    ['with a vague time', { ...COMMAND, time: 'yesterday' }, ['time custom']],
    ['without data', { ...COMMAND, data: undefined }, ['data invalid_type']],
  ] as const) {
    it(`is none ${name}, and it is said where, never what`, () => {
      const text = typeof body === 'string' ? body : JSON.stringify(body);
      const found = readCommand(text, NOON).problems?.map(({ path, code }) => `${path} ${code}`);
      assert.deepEqual(found, problems);
    });
  }

  it('is not looked for without end', () => {
    let body: object = COMMAND;
    for (let depth = 0; depth < 4; depth += 1) body = eventBridge(body);
    assert.ok(readCommand(JSON.stringify(body), NOON).problems);
  });

  it('is a command or a list of problems, whatever comes', () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string()), (body) => {
        const { command, problems } = readCommand(body, NOON);
        return (command === undefined) !== (problems === undefined);
      }),
    );
  });
});

describe('a member of a command that is null', () => {
  it('counts as absent, as the JSON format of CloudEvents says', () => {
    const data = { ...COMMAND.data, type: null, locale: null, ip: null, expiresAt: null };
    const event = { ...COMMAND, data, subject: null, dataschema: null, traceparent: null, data_base64: null };
    const { command } = readCommand(JSON.stringify(event), NOON);
    const { to, payload } = COMMAND.data;
    assert.deepEqual(command, { ...read, data: { to, payload } });
  });

  it('stays among the values of placeholders', () => {
    const data = { ...COMMAND.data, payload: { code: '482913', shop: null } };
    const { command } = readCommand(JSON.stringify({ ...COMMAND, data }), NOON);
    assert.deepEqual(command?.data.payload, data.payload);
  });
});

it('the data of a command may be in data_base64', () => {
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  const { data, ...others } = COMMAND;
  const readBytes = (bytes: unknown) => readCommand(JSON.stringify({ ...others, data_base64: bytes }), NOON);
  assert.deepEqual(readBytes(base64(JSON.stringify(data))).command, read);
  for (const odd of [base64('hello'), base64('[]'), '', 7]) {
    assert.deepEqual(readBytes(odd).problems, [{ path: 'data', code: 'invalid_type' }], String(odd));
  }
});

describe('a time', () => {
  for (const [text, time] of [
    ['2026-11-24T12:00:00Z', NOON],
    ['2026-11-24t12:00:00z', NOON],
    ['2026-11-24T15:00:00+03:00', NOON],
    ['2026-11-24T12:00:00-00:00', NOON],
    ['2026-11-24T12:00:00.25Z', NOON + 250],
    ['2026-11-24T12:00:00.123456789Z', NOON + 123],
    ['2026-11-24T11:59:60Z', NOON],
  ] as const) {
    it(`is read: ${text}`, () => assert.equal(parseTime(text), time));
  }

  it('is of RFC 3339, and of no other form', () => {
    for (const text of [
      ...['', 'noon', '12', '2026-11-24', '2026-11-24 12:00:00', '2026-11-24T12:00:00', '2026-11-24T12:00Z'],
      ...['2026-02-30T12:00:00Z', '2026-13-24T12:00:00Z', '2026-11-24T12:00:61Z', '2026-11-24T25:00:00Z'],
      ...['2026-11-24T12:00:00.Z', '2026-11-24T12:00:00Z ', '2026-11-24T12:00:00+0300'],
      'Tue, 24 Nov 2026 12:00:00 GMT',
    ]) {
      assert.equal(parseTime(text), undefined, text);
    }
  });
});

describe('the life of a command', () => {
  const parse = (changes: object, data: object = {}) =>
    readCommand(JSON.stringify({ ...COMMAND, ...changes, data: { ...COMMAND.data, ...data } }), NOON);
  const problems = (changes: object, data: object = {}) =>
    parse(changes, data).problems?.map(({ path, code }) => `${path} ${code}`);

  for (const [data, end] of [
    [{}, NOON + 600_000],
    [{ expiresAt: '2026-11-24T13:30:00+01:00' }, NOON + 30 * 60_000],
    [{ expiresAt: '2026-11-25T12:00:00Z' }, NOON + 86_400_000],
  ] as const) {
    it(`ends ten minutes after its time, or when it says so: ${JSON.stringify(data)}`, () => {
      assert.equal(expiryOf(parse({}, data).command ?? assert.fail('not a command')), end);
    });
  }

  it('is a day at most, and does not begin later than now, but for the difference of two clocks', () => {
    assert.deepEqual(problems({}, { expiresAt: '2026-11-25T12:00:00.001Z' }), ['data.expiresAt too_big']);
    assert.equal(problems({ time: '2026-11-24T12:05:00Z' }), undefined);
    assert.deepEqual(problems({ time: '2026-11-24T12:05:00.001Z' }), ['time too_big']);
  });
});
