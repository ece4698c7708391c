import assert from 'node:assert/strict';
import { after, afterEach, describe, it } from 'node:test';
import { Cache } from '../../../lib/config/cache.ts';
import type { Configuration } from '../../../lib/config/configuration.ts';
import { createCheckDeliveries } from '../../../lib/delivery/check-deliveries.ts';
import { Deliveries } from '../../../lib/delivery/deliveries.ts';
import { madeAt } from '../../../lib/delivery/delivery-id.ts';
import { createMessageStatus } from '../../../lib/delivery/message-status.ts';
import { createTellChanges } from '../../../lib/delivery/tell-changes.ts';
import type { Sent } from '../../../lib/delivery/transitions.ts';
import { SmsAeroClient } from '../../../lib/smsaero/client.ts';
import { createAccount, startGate } from '../../../local/simulator/index.ts';
import { httpEvent } from '../../support/http-event.ts';
import { acceptedSend, startRecords } from '../../support/records.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const CREDENTIALS = {
  email: 'owner@example.com',
  apiKey: 'testKey',
  platforms: { direct: ['Bearer secret'] },
};
const SMS = { number: '79031234567', text: 'Ваш код: 482913', from: 'SMSAero', gate: 'gate' };

const stand = await startRecords();
const options = { progress: 'frozen', balance: 1_000_000, telegramAfterMs: 24 * HOUR } as const;
const account = createAccount({ ...CREDENTIALS, ...options });
const gate = await startGate(account);
const client = new SmsAeroClient({ gates: [gate.url] });
after(async () => {
  client.close();
  await Promise.all([gate.close(), account.close(), stand.close()]);
});

describe('deliveries that no report has ended', () => {
  /** The configuration in Parameter Store. */
  let stored = CREDENTIALS;
  const warnings: object[] = [];
  const log = {
    info: () => undefined,
    warn: (message: string, fields: object = {}) => void warnings.push({ message, ...fields }),
    error: () => undefined,
  };
  afterEach(() => gate.faults.clear());

  /** The configuration, as a process of its own reads it. */
  const configurationOf = () =>
    new Cache({ load: async () => stored as unknown as Configuration, onStale: () => undefined });
  /** A run of the schedule so many ms after sending. */
  const check = ({ deliveryId }: Sent, after: number, time = 60_000, configuration = configurationOf()) => {
    const { table, records } = stand;
    const run = createCheckDeliveries({ configuration, table, records, gateway: client, log });
    return run(Date.now() + time, madeAt(deliveryId) + after);
  };
  const record = async (id: number, changes: Partial<Sent> = {}) => {
    const sent = acceptedSend({ messageId: String(id), ...changes });
    await stand.records.sent(sent, madeAt(sent.deliveryId));
    return { ...sent, id };
  };
  const send = () => record(account.accept(SMS).id);
  const get = async ({ deliveryId }: Sent) =>
    (await stand.records.get(deliveryId)) ?? assert.fail('no record');
  const stateOf = async (sent: Sent) => (await get(sent)).state;

  it('are asked for after ten minutes, not before', async () => {
    const sent = await send();
    account.setStatus(sent.id, 1);
    const { dateAnswer } = account.find(sent.id) ?? {};
    assert.equal((await check(sent, 10 * MINUTE - 1)).due, 0);
    assert.equal(await stateOf(sent), 'accepted');
    assert.deepEqual(await check(sent, 10 * MINUTE), { due: 1, changed: 1, givenUp: 0, orphans: 0 });
    const { state, changedAt } = await get(sent);
    assert.deepEqual([state, changedAt], ['delivered', Number(dateAnswer) * 1000], 'as the operator said');
    assert.deepEqual(stand.events(sent.deliveryId), ['SmsAccepted', 'SmsDelivered']);
    assert.equal((await check(sent, 24 * HOUR)).due, 0, 'and then no more');
  });

  it('are asked for again after twice as long, and given up after three days', async () => {
    const sent = await send();
    account.setStatus(sent.id, 3);
    await check(sent, 10 * MINUTE);
    assert.equal((await get(sent)).dueAt, madeAt(sent.deliveryId) + 20 * MINUTE);
    assert.equal((await check(sent, 72 * HOUR)).givenUp, 1);
    const { state, dueAt, deliveryId, messageId } = await get(sent);
    assert.deepEqual([state, dueAt], ['sent', undefined]);
    assert.deepEqual(warnings, [{ message: 'delivery given up', deliveryId, messageId, state }]);
  });

  it('stay due while SMS Aero refuses to be asked, or the run has no time', async () => {
    const sent = await send();
    account.setStatus(sent.id, 1);
    gate.faults.order({ fault: 'rate_limited', method: '*' });
    assert.equal((await check(sent, HOUR)).stopped, 'rate_limited');
    const { stopped, due } = await check(sent, HOUR, 1_000);
    assert.deepEqual([stopped, due], ['no_time', 0]);
    assert.equal((await check(sent, HOUR)).changed, 1);
  });

  it('of which one is answered with an error do not wait for it, and neither does the next run', async () => {
    const all = [await send(), await send(), await send()] as const;
    for (const { id } of all) account.setStatus(id, 1);
    gate.faults.order({ fault: 'bad_gateway_html', method: 'sms/status' });
    const { stopped, due, changed } = await check(all[0], 11 * MINUTE);
    assert.deepEqual([stopped, due, changed], [undefined, 3, 2]);
    const records = await Promise.all(all.map(get));
    const left = records.find(({ state }) => state === 'accepted') ?? assert.fail('none is left');
    assert.ok(Number(left.dueAt) > madeAt(left.deliveryId) + 20 * MINUTE, 'it is put off like the others');
    assert.equal((await check(all[0], HOUR)).changed, 1);
  });

  it('are left alone when SMS Aero answers nobody', async () => {
    const all = await Promise.all(Array.from({ length: 20 }, send));
    const [first = assert.fail()] = all;
    gate.faults.choose = () => ({ fault: 'bad_gateway_html' });
    const { stopped, due } = await check(first, HOUR);
    assert.equal(stopped, 'unavailable');
    assert.ok(due < 20, `${due} were asked for`);
    gate.faults.clear();
    for (const { id } of all) account.setStatus(id, 1);
    await check(first, 24 * HOUR);
    assert.deepEqual(new Set(await Promise.all(all.map(stateOf))), new Set(['delivered']));
  });

  it('are asked for with a new key when the old one is refused', async () => {
    const sent = await send();
    account.setStatus(sent.id, 1);
    const configuration = configurationOf();
    await configuration.get();
    account.apiKey = 'newKey';
    stored = { ...CREDENTIALS, apiKey: 'newKey' };
    assert.equal((await check(sent, HOUR, 60_000, configuration)).changed, 1);
  });

  it('of a message that SMS Aero does not know are let be', async () => {
    const sent = await record(1);
    assert.deepEqual(await check(sent, HOUR), { due: 1, changed: 0, givenUp: 0, orphans: 0 });
    assert.equal(await stateOf(sent), 'accepted');
    assert.equal((await check(sent, 73 * HOUR)).givenUp, 1);
  });

  for (const [reported, event] of [
    ['delivered', 'SmsDelivered'],
    ['sent', 'SmsRejected'],
  ] as const) {
    it(`are told of where a report came and the send’s own record never did: ${reported}`, async () => {
      const { id } = account.accept(SMS);
      const sent = acceptedSend({ messageId: String(id) });
      const at = madeAt(sent.deliveryId);
      const { deliveryId } = sent;
      await stand.records.reported({ deliveryId, messageId: String(id), state: reported, at }, at);
      account.setStatus(id, 6);
      assert.deepEqual(stand.events(deliveryId), []);
      assert.equal((await check(sent, HOUR)).orphans, 1);
      await check(sent, 24 * HOUR);
      assert.deepEqual(stand.events(deliveryId), ['SmsAccepted', event]);
      assert.equal((await get(sent)).dueAt, undefined, 'and is asked for no more');
    });
  }

  describe('by Telegram', () => {
    const sendTelegram = () => {
      const { number, text: smsText, from: smsFrom, gate } = SMS;
      const code = { from: 'Telegram', text: '482913', telegramCode: '482913' };
      const { id } = account.accept({ number, ...code, smsText, smsFrom, gate });
      const details = {
        ...acceptedSend().details,
        platform: 'direct',
        channel: 'telegram',
        cost: 1,
      } as const;
      return record(id, { details, reported: false });
    };
    const newestSms = () => account.messages()[0] ?? assert.fail('no SMS');
    /** What `GET /messages/{id}` answers. */
    const ask = async ({ deliveryId: id }: Sent) => {
      const configuration = { get: async () => stored as never, getRefreshed: async () => stored as never };
      const status = createMessageStatus({ configuration, records: stand.records, log });
      const headers = { authorization: 'Bearer secret' };
      const event = httpEvent({ method: 'GET', path: `/messages/${id}`, pathParameters: { id }, headers });
      const { sentAt, changedAt, ...body } = JSON.parse((await status(event, 'request-1')).body);
      return body;
    };
    /** What is counted of its changes: names with channel and roubles. */
    const counted = async ({ deliveryId }: Sent) => {
      const counts: unknown[][] = [];
      const tell = createTellChanges({
        publisher: undefined,
        log,
        metrics: {
          delivery: (name, { channel }, { cost }) => void counts.push([name, channel, cost]),
          takenOver: ({ country }, cost) => void counts.push(['takenOver', country, cost]),
        },
      });
      await tell({ Records: stand.changes(deliveryId) });
      return counts;
    };

    it('are asked for after two minutes, since nothing reports on it', async () => {
      const sent = await sendTelegram();
      account.setStatus(sent.id, 1);
      assert.equal((await check(sent, MINUTE)).due, 0);
      await check(sent, 2 * MINUTE);
      const { deliveryId: id, messageId } = sent;
      const told = { messageId, channel: 'telegram', segments: 1, cost: 1 };
      assert.deepEqual(await ask(sent), { id, status: 'delivered', ...told });
      assert.deepEqual(stand.events(id), ['SmsAccepted', 'SmsDelivered']);
      assert.deepEqual(await counted(sent), [
        ['DeliveryAccepted', 'telegram', 1],
        ['Delivered', 'telegram', undefined],
      ]);
      assert.equal((await check(sent, 72 * HOUR)).due, 0, 'and then no more');
    });

    it('follow the SMS that took over, whose end and price they tell', async () => {
      const sent = await sendTelegram();
      account.setStatus(sent.id, 2);
      const { id: smsId } = newestSms();
      await check(sent, 3 * MINUTE);
      const { deliveryId: id, messageId } = sent;
      const taken = { channel: 'sms', smsMessageId: String(smsId), cost: 5.19, segments: 1 };
      assert.deepEqual(await ask(sent), { id, status: 'accepted', messageId, ...taken });
      account.setStatus(smsId, 1);
      // Only the SMS is of interest now.
      gate.faults.order({ fault: 'server_error_json', method: 'telegram/status', times: 5 });
      await check(sent, 20 * MINUTE);
      assert.deepEqual(await ask(sent), { id, status: 'delivered', messageId, ...taken });
      assert.deepEqual(stand.events(id), ['SmsAccepted', 'SmsDelivered']);
      assert.deepEqual(await counted(sent), [
        ['DeliveryAccepted', 'telegram', 1],
        ['takenOver', 'RU', 4.19],
        ['Delivered', 'sms', undefined],
      ]);
      // A repeat is answered as the first request was.
      const first = { status: 'accepted', messageId, channel: 'telegram', segments: 1, deliveryId: id };
      const deliveries = new Deliveries(stand.records, log);
      assert.deepEqual(await deliveries.outcomeOf(id, AbortSignal.timeout(60_000)), { ...first, cost: 5.19 });
    });

    it('wait an hour for an SMS before they are undelivered', async () => {
      const sent = await sendTelegram();
      const message = account.find(sent.id) ?? assert.fail('no message');
      // Telegram did not deliver, and SMS Aero names no SMS.
      const find = account.find.bind(account);
      account.find = (asked, test) =>
        asked === sent.id ? { ...message, status: 2, extendStatus: 'undelivered' } : find(asked, test);
      for (const [minutes, state] of [
        [3, 'accepted'],
        [59, 'accepted'],
        [130, 'undelivered'],
      ] as const) {
        await check(sent, minutes * MINUTE);
        assert.equal(await stateOf(sent), state);
      }
      account.find = find;
      assert.deepEqual(stand.events(sent.deliveryId), ['SmsAccepted', 'SmsUndelivered']);
    });
  });
});
