import { after, afterEach } from 'node:test';
import type { Gate } from '../../../local/simulator/index.ts';
import { startPhone } from '../../support/phone.ts';

export const email = 'user@example.com';
export const apiKey = '0123456789abcdef0123456789abcdef';
export const right = { number: '79031234567', sign: 'SMSAero', text: 'Код для входа: 482913' };

/** Basic credentials, as SMS Aero takes them. */
export const headers = { Authorization: `Basic ${Buffer.from(`${email}:${apiKey}`).toString('base64')}` };

/** Calls a gate: a POST of JSON, or a GET without a body. Rejects with the socket's error. */
export async function call(gate: Gate, method: string, body?: object) {
  const answer = await fetch(`${gate.url}/${method}`, {
    headers: { ...headers, ...(body ? { 'Content-Type': 'application/json' } : {}) },
    ...(body ? { method: 'POST', body: JSON.stringify(body) } : {}),
  }).catch((error: Error) => {
    throw error.cause ?? error;
  });
  const text = await answer.text();
  const { status } = answer;
  // biome-ignore lint/suspicious/noExplicitAny: the tests look into JSON of any shape.
  const json: any = text.startsWith('{') ? JSON.parse(text) : undefined;
  return { status, headers: Object.fromEntries(answer.headers), json };
}

/** Sends the right message, or parts of it changed. */
export const send = (gate: Gate, changes: object = {}) => call(gate, 'sms/send', { ...right, ...changes });

/** Waits until a condition holds; the test's own time limit is the last moment. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** The page for all tests of a file; what each leaves behind is cleared. Messages are delivered 100 ms after they came. */
export async function usePhone() {
  const phone = await startPhone({ email, apiKey, progress: { sentAfterMs: 50, deliveredAfterMs: 100 } });
  after(() => phone.close());
  afterEach(async () => {
    await phone.call('DELETE', '/api/messages');
    await phone.call('DELETE', '/api/faults');
  });
  return { ...phone, get: async (path: string) => (await phone.call('GET', path)).json };
}
