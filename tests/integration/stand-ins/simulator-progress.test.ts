import assert from 'node:assert/strict';
import { it } from 'node:test';
import { createAccount, type MessageStatus } from '../../../local/simulator/index.ts';
import { apiKey, email, until } from './client.ts';

const message = { number: '79031234567', from: 'SMSAero', gate: 'org' };

it('each message takes its own course, in steps', async () => {
  let nowMs = 1_760_000_000_000;
  const courses: Record<string, [MessageStatus, number][]> = {
    Undelivered: [
      [2, 60],
      [3, 20],
    ],
    Rejected: [[6, 0]],
    Moderated: [
      [8, 0],
      [3, 20],
      [1, 60],
    ],
    Stuck: [[3, 20]],
    Waiting: [],
  };
  const asked: string[] = [];
  const account = createAccount({
    email,
    apiKey,
    now: () => nowMs,
    progress: ({ text, status }) => {
      asked.push(`${text} ${status}`);
      return (courses[text] ?? []).map(([each, afterMs]) => ({ status: each, afterMs }));
    },
  });
  for (const text of Object.keys(courses)) account.accept({ ...message, text });
  const statuses = () =>
    account
      .messages()
      .reverse()
      .map(({ status }) => status);
  assert.deepEqual(statuses(), [0, 6, 8, 0, 0]);
  nowMs += 20;
  assert.deepEqual(statuses(), [3, 6, 3, 3, 0]);
  nowMs += 3_600_000;
  assert.deepEqual(statuses(), [2, 6, 1, 3, 0]);
  assert.deepEqual(
    account
      .messages()
      .reverse()
      .map(({ dateAnswer }) => dateAnswer),
    [1_760_000_000, 1_760_000_000, 1_760_000_000, undefined, undefined],
  );
  assert.deepEqual(
    asked,
    Object.keys(courses).map((text) => `${text} 0`),
  );
  await account.close();
});

it('a status that a listener sets ends the steps', async () => {
  const account = createAccount({ email, apiKey, progress: { sentAfterMs: 1, deliveredAfterMs: 5 } });
  const told: string[] = [];
  account.events.on('changed', ({ id, text, status, extendStatus }) => {
    told.push(`${text} ${extendStatus}`);
    if (text === 'First' && status === 3) account.setStatus(id, 2);
  });
  account.accept({ ...message, text: 'First' });
  account.accept({ ...message, text: 'Second' });
  await until(() => told.includes('Second delivery'));
  assert.deepEqual(
    told.filter((line) => line.startsWith('First')),
    ['First sent', 'First undelivered'],
  );
});
