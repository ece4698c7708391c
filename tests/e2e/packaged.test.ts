import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { startKms } from '../../local/kms.ts';
import { extractZip, packageService } from '../infra/packaged.ts';
import { ATTRIBUTES, createPool, encryptCode, POOL_ID, senderEvent } from '../support/cognito.ts';
import { COMMANDS, command, DIRECT_SECRET, startDeliveryStack } from '../support/delivery-stack.ts';
import { postSms, startStack } from '../support/stack.ts';

const folder = await mkdtemp(join(tmpdir(), 'smsaero-zips-'));
const built = await packageService('example');
const names = Object.keys(built.zips).map((file) => file.replace('.zip', ''));
const modules: ReadonlyMap<string, URL> = new Map(
  await Promise.all(names.map(async (name) => [name, await extractZip(built, name, folder)] as const)),
);
const senders = ['sms-hook', 'sms-queue'];
const followers = ['delivery-report', 'delivery-events', 'delivery-check', 'message-status'];
const stack = await startDeliveryStack({ functions: [...senders, ...followers], modules });
after(async () => {
  await stack.close();
  await rm(folder, { recursive: true });
});

/** The other tests run the source. Here each function runs from its zip, outside the project, where Node finds no dependency of it. */
describe('each packaged function, over the stand-ins', () => {
  const start = (name: string, environment: Record<string, string> = {}) =>
    startStack({
      function: modules.get(name) ?? assert.fail(`${name} is not packaged`),
      guard: true,
      environment,
    });
  const newest = () => stack.account.messages()[0] ?? assert.fail('no message');

  it('has all functions', () => assert.equal(names.length, 9));

  it('sms-hook sends a code, and message-status answers for it', async () => {
    const sent = await postSms(stack.fn('sms-hook').url, 'direct');
    assert.equal(sent.statusCode, 200);
    assert.equal(newest().number, '79031234567');
    const { id } = JSON.parse(sent.body) as { id: string };
    const headers = { authorization: DIRECT_SECRET };
    const found = await fetch(`${stack.fn('message-status').url}/messages/${id}`, { headers });
    assert.equal(((await found.json()) as { status: string }).status, 'accepted');
  });

  it('sms-queue sends for a command, and delivery-report and delivery-events follow it', async () => {
    const sent = command({}, { to: '79031234568' });
    await stack.queues.send(COMMANDS, JSON.stringify(sent));
    await stack.idle();
    assert.equal(newest().number, '79031234568');
    stack.account.setStatus(newest().id, 1);
    await stack.account.reports.settled();
    await stack.idle();
    assert.deepEqual(stack.bus.events.map((event) => event['detail-type']).slice(-2), [
      'SmsAccepted',
      'SmsDelivered',
    ]);
  });

  it('delivery-check looks for deliveries that are due', async () => {
    assert.ok(!stack.table.calls.includes('Query'));
    await stack.fn('delivery-check').invoke({ source: 'aws.events', 'detail-type': 'Scheduled Event' });
    assert.ok(stack.table.calls.includes('Query'));
  });

  it('account-monitor reads the balance', async () => {
    const one = await start('account-monitor');
    await one.hook.invoke({ source: 'aws.events', 'detail-type': 'Scheduled Event' });
    const { account, hook } = one;
    await one.close();
    assert.equal(hook.metrics('Balance')[0]?.value, account.balance);
  });

  it('cognito-auth-challenge signs a person in', async () => {
    const one = await start('cognito-auth-challenge', { SMSAERO_CHALLENGE_TIME_MS: '0' });
    const pool = createPool({ invoke: one.hook.invoke, users: { anna: ATTRIBUTES } });
    const conversation = await pool.initiateAuth('anna');
    const code = /\d{6}/.exec(one.account.messages()[0]?.text ?? '')?.[0] ?? '';
    const answer = await conversation.respond(code);
    await one.close();
    assert.deepEqual(answer, { status: 'tokens' });
  });

  it('cognito-sms-sender decrypts a code and sends it', async () => {
    const kms = await startKms();
    const keyArn = kms.createKey();
    const environment = { SMSAERO_COGNITO_KEY_ARN: keyArn, AWS_ENDPOINT_URL_KMS: kms.url };
    const one = await start('cognito-sms-sender', environment);
    const code = await encryptCode('482913', { keyArn, kmsUrl: kms.url, userPoolId: POOL_ID });
    await one.hook.invoke(senderEvent({ attributes: ATTRIBUTES, code }));
    await Promise.all([one.close(), kms.close()]);
    assert.match(one.account.messages()[0]?.text ?? '', /482913/);
  });
});
