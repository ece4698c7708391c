import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { Cache } from '../../../lib/config/cache.ts';
import type { Configuration } from '../../../lib/config/configuration.ts';
import { type Checked, createCheckDeliveries } from '../../../lib/delivery/check-deliveries.ts';
import { madeAt } from '../../../lib/delivery/delivery-id.ts';
import type { Sent } from '../../../lib/delivery/transitions.ts';
import { SmsAeroClient } from '../../../lib/smsaero/client.ts';
import { type Account, createAccount, type Gate, startGate } from '../../../local/simulator/index.ts';
import { acceptedSend, type RecordsUnderTest, startRecords } from '../../support/records.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const CREDENTIALS = { email: 'owner@example.com', apiKey: 'testKey' };

describe('deliveries that no report has ended', () => {
  let stand: RecordsUnderTest;
  let account: Account;
  let gate: Gate;
  let client: SmsAeroClient;
  let stored = CREDENTIALS;
  const logged: unknown[] = [];
  const log = {
    info: () => undefined,
    warn: (message: string, fields: object = {}) => void logged.push({ message, ...fields }),
    error: () => undefined,
  };
  before(async () => {
    stand = await startRecords();
  });
  after(() => stand.close());
  beforeEach(async () => {
    stored = CREDENTIALS;
    account = createAccount({ ...CREDENTIALS, progress: 'frozen', balance: 1_000_000 });
    gate = await startGate(account);
    client = new SmsAeroClient({ gates: [gate.url] });
    logged.length = 0;
  });
  afterEach(async () => {
    client.close();
    await gate.close();
    await account.close();
  });

  const send = async (changes: Partial<Sent> = {}) => {
    const { id } = account.accept({
      number: '79031234567',
      text: 'Ваш код: 482913',
      from: 'SMSAero',
      gate: 'gate',
    });
    const sent = acceptedSend({ messageId: String(id), ...changes });
    await stand.records.sent(sent, madeAt(sent.deliveryId));
    return { ...sent, id };
  };
  /** A run at a time after sending, by a process of its own. */
  const check = ({ deliveryId }: Sent, after: number): Promise<Checked> => {
    const configuration = new Cache({
      load: async () => stored as unknown as Configuration,
      onStale: () => undefined,
    });
    const run = createCheckDeliveries({
      configuration,
      table: stand.table,
      records: stand.records,
      gateway: client,
      log,
    });
    return run(Date.now() + 60_000, madeAt(deliveryId) + after);
  };
  const get = async ({ deliveryId }: Sent) =>
    (await stand.records.get(deliveryId)) ?? assert.fail('no record');

  /** When it is asked for next, in ms after sending. */
  const dueAfter = async (sent: Sent) => {
    const { dueAt } = await get(sent);
    return dueAt === undefined ? undefined : dueAt - madeAt(sent.deliveryId);
  };

  it('are asked for after ten minutes, not before', async () => {
    const sent = await send();
    account.setStatus(sent.id, 1);
    assert.equal((await check(sent, 10 * MINUTE - 1)).due, 0);
    assert.equal((await get(sent)).state, 'accepted');
    assert.deepEqual(await check(sent, 10 * MINUTE), { due: 1, changed: 1, givenUp: 0, orphans: 0 });
    assert.equal((await get(sent)).state, 'delivered');
    assert.deepEqual(stand.events(sent.deliveryId), ['SmsAccepted', 'SmsDelivered']);
    assert.equal((await check(sent, 24 * HOUR)).due, 0, 'and then no more');
  });

  it('have reached their state when the operator answered, not when it was asked for', async () => {
    const sent = await send();
    account.setStatus(sent.id, 2);
    const { dateAnswer } = account.find(sent.id) ?? {};
    await check(sent, HOUR);
    const { state, changedAt } = await get(sent);
    assert.deepEqual([state, changedAt], ['undelivered', Number(dateAnswer) * 1000]);
  });

  it('are asked for again, each time after twice as long, for three days', async () => {
    const sent = await send();
    account.setStatus(sent.id, 3);
    const times: number[] = [];
    for (let due = await dueAfter(sent); due !== undefined; due = await dueAfter(sent)) {
      times.push(due / MINUTE);
      await check(sent, due);
    }
    assert.deepEqual(times, [10, 20, 40, 80, 160, 320, 640, 1280, 2560, 4320]);
    assert.equal((await get(sent)).state, 'sent');
    assert.equal((await get(sent)).dueAt, undefined);
    assert.deepEqual(logged, [
      { message: 'delivery given up', deliveryId: sent.deliveryId, messageId: sent.messageId, state: 'sent' },
    ]);
  });

  it('stay due while SMS Aero refuses to be asked', async () => {
    const sent = await send();
    account.setStatus(sent.id, 1);
    gate.faults.order({ fault: 'rate_limited', method: '*' });
    assert.equal((await check(sent, HOUR)).stopped, 'rate_limited');
    assert.equal((await check(sent, HOUR)).changed, 1);
  });

  it('of which one is answered with an error do not wait for it, and neither does the next run', async () => {
    const all = await Promise.all(Array.from({ length: 30 }, () => send()));
    for (const { id } of all) account.setStatus(id, 1);
    gate.faults.order({ fault: 'bad_gateway_html', method: 'sms/status' });
    const { stopped, due, changed } = await check(all[0] ?? assert.fail(), 11 * MINUTE);
    assert.deepEqual([stopped, due, changed], [undefined, 30, 29]);
    const states = await Promise.all(all.map(get));
    const left = states.find(({ state }) => state === 'accepted') ?? assert.fail('none is left');
    assert.ok(Number(left.dueAt) > madeAt(left.deliveryId) + 20 * MINUTE, 'it is put off like the others');
    await check(all[0] ?? assert.fail(), HOUR);
  });

  it('are left alone when SMS Aero answers nobody', async () => {
    const all = await Promise.all(Array.from({ length: 40 }, () => send()));
    gate.faults.choose = () => ({ fault: 'bad_gateway_html' });
    const checked = await check(all[0] ?? assert.fail(), HOUR);
    assert.equal(checked.stopped, 'unavailable');
    assert.ok(checked.due < 40, `${checked.due} were asked for`);
    gate.faults.clear();
    for (const { id } of all) account.setStatus(id, 1);
    await check(all[0] ?? assert.fail(), 24 * HOUR);
    for (const each of all) assert.equal((await get(each)).state, 'delivered');
  });

  it('are asked for with a new key when the old one is refused', async () => {
    const sent = await send();
    account.setStatus(sent.id, 1);
    account.apiKey = 'newKey';
    const configuration = new Cache({
      load: async () => stored as unknown as Configuration,
      onStale: () => undefined,
    });
    await configuration.get();
    stored = { ...CREDENTIALS, apiKey: 'newKey' };
    const { table, records } = stand;
    const run = createCheckDeliveries({ configuration, table, records, gateway: client, log });
    assert.equal((await run(Date.now() + 60_000, madeAt(sent.deliveryId) + HOUR)).changed, 1);
  });

  it('of a message that SMS Aero does not know are let be', async () => {
    const sent = acceptedSend({ messageId: '1' });
    await stand.records.sent(sent, madeAt(sent.deliveryId));
    assert.deepEqual(await check(sent, HOUR), { due: 1, changed: 0, givenUp: 0, orphans: 0 });
    assert.equal((await get(sent)).state, 'accepted');
    assert.equal((await check(sent, 73 * HOUR)).givenUp, 1);
  });

  it('are told of where a report came and the send’s own record never did', async () => {
    const sent = acceptedSend({ messageId: '539820555' });
    const at = madeAt(sent.deliveryId);
    await stand.records.reported(
      { deliveryId: sent.deliveryId, messageId: '539820555', state: 'delivered', at },
      at,
    );
    assert.deepEqual(stand.events(sent.deliveryId), []);
    assert.equal((await check(sent, HOUR)).orphans, 1);
    assert.deepEqual(stand.events(sent.deliveryId), ['SmsAccepted', 'SmsDelivered']);
    assert.equal((await get(sent)).dueAt, undefined, 'and is asked for no more');
  });

  it('are told of where only half of the way was reported', async () => {
    const { id } = account.accept({ number: '79031234567', text: 'x1', from: 'SMSAero', gate: 'gate' });
    const sent = acceptedSend({ messageId: String(id) });
    const at = madeAt(sent.deliveryId);
    await stand.records.reported(
      { deliveryId: sent.deliveryId, messageId: String(id), state: 'sent', at },
      at,
    );
    account.setStatus(id, 6);
    await check(sent, HOUR);
    await check(sent, 24 * HOUR);
    assert.deepEqual(stand.events(sent.deliveryId), ['SmsAccepted', 'SmsRejected']);
    assert.equal((await get(sent)).dueAt, undefined);
  });

  it('are left for the next run when this one has no time', async () => {
    const sent = await send();
    account.setStatus(sent.id, 1);
    const configuration = new Cache({
      load: async () => CREDENTIALS as unknown as Configuration,
      onStale: () => undefined,
    });
    const { table, records } = stand;
    const run = createCheckDeliveries({ configuration, table, records, gateway: client, log });
    const checked = await run(Date.now() + 1_000, madeAt(sent.deliveryId) + HOUR);
    assert.deepEqual([checked.stopped, checked.due], ['no_time', 0]);
    assert.equal((await check(sent, HOUR)).changed, 1);
  });
});
