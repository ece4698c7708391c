import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import http from 'node:http';
import { text } from 'node:stream/consumers';
import { after, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { listen } from '../../local/loopback.ts';
import type { FaultSwitch, PhoneMessage, ServiceRequest } from '../../local/page/contract.ts';
import { readSettings } from '../../local/settings.ts';
import { startLocalStack } from '../../local/stack.ts';
import { launchChromium, violationsOf } from '../support/browser.ts';
import { freePorts } from '../support/ports.ts';

const TIMEOUT_MS = 30_000;
const SECRET = { authorization: 'Bearer local-development' };

const browser = await launchChromium();
const stack = await startLocalStack(readSettings([], await freePorts()));
const context = await browser.newContext();
context.setDefaultTimeout(TIMEOUT_MS);
const page = await context.newPage();
after(async () => {
  await browser.close();
  await stack.close();
});

const open = (view: string) => page.goto(`${stack.page.url}/#/${view}`);

/** Sends as Logto does. */
const send = (to: string, code: string, type = 'SignIn') =>
  fetch(`${stack.api.url}/sms/logto`, {
    method: 'POST',
    headers: SECRET,
    body: JSON.stringify({ to, type, payload: { code } }),
  });

/** Numbers far apart: neighbours have a limit in common. */
let numbers = 0;
function newNumber(): string {
  numbers += 1;
  return `7916${String(1_000_000 + numbers * 12_345)}`;
}

const getJson = async <Json>(path: string) =>
  (await (await fetch(`${stack.page.url}${path}`)).json()) as Json;

/** The outcome of a request, once its log line is there: it may come after the answer. */
async function outcomeOf(requestId: string | null): Promise<string> {
  for (;;) {
    const requests = await getJson<ServiceRequest[]>('/api/requests');
    const outcome = requests.find((each) => each.requestId === requestId)?.fields['outcome'];
    if (outcome !== undefined) return String(outcome);
    await sleep(20);
  }
}

describe('the page before the whole stack', { timeout: 280_000 }, () => {
  it('keeps what is typed before the connection of the page is there', async () => {
    const typed = Promise.withResolvers<void>();
    await page.route('**/api/events', (route) => typed.promise.then(() => route.continue()));
    // The request of what was typed is answered only after the connection has led to another one.
    let previews = 0;
    const another = Promise.withResolvers<void>();
    await page.route('**/api/send/preview', async (route) => {
      previews += 1;
      if (previews === 2) {
        typed.resolve();
        await another.promise;
      }
      if (previews === 3) another.resolve();
      await route.continue();
    });
    await page.goto('about:blank');
    await open('send');
    await page.locator('#curl', { hasText: 'curl' }).waitFor();
    await page.getByLabel('Code', { exact: true }).fill('246802');
    await page.locator('#curl', { hasText: '246802' }).waitFor({ timeout: 10_000 });
    assert.equal(previews, 3);
    await page.unrouteAll({ behavior: 'wait' });
  });

  it('sends by the form, shows the answer, the message and the request with its steps', async () => {
    await open('send');
    const number = newNumber();
    await page.getByLabel('Phone number').fill(number);
    await page.getByLabel('Code', { exact: true }).fill('135791');
    await page.locator('#send').getByLabel('Locale').fill('en');
    await page.locator('#curl', { hasText: '135791' }).waitFor();
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await page.getByText(/^200 after \d+ ms$/).waitFor();
    assert.deepEqual(await violationsOf(page), []);
    await page.getByRole('link', { name: 'What the service did' }).click();
    const details = page.getByRole('region', { name: 'Request', exact: true });
    await details.getByText('SmsDelivered').waitFor();
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      assert.deepEqual(await violationsOf(page), [], colorScheme);
    }
    const shown = (await details.textContent()) ?? '';
    const facts = 'accepted logto SignIn "messageId" configuration guard gateway record';
    for (const fact of facts.split(' ')) assert.ok(shown.includes(fact), `${fact} in ${shown}`);
    assert.ok(!shown.includes('135791') && !shown.includes(number), 'no code and no whole number');
    await details.getByRole('link', { name: 'Show it on the phone' }).click();
    const message = page.locator('.message.selected');
    await message.locator('.code', { hasText: '135791' }).waitFor();
    await message.getByText('Your sign-in code is 135791. Do not share it.').waitFor();
    await message.getByText('Delivered', { exact: true }).waitFor();
  });

  it('offers every platform’s own request, which the service knows', async () => {
    await open('send');
    const platforms = await page
      .locator('#platform option')
      .evaluateAll((options) => options.map((option) => (option as HTMLOptionElement).value));
    assert.ok(platforms.length >= 2);
    for (const platform of platforms) {
      const code = String(300_000 + numbers);
      await page.getByLabel('Platform').selectOption(platform);
      const number = newNumber();
      await page.getByLabel('Phone number').fill(number);
      await page.getByLabel('Code', { exact: true }).fill(code);
      await page.locator('#curl', { hasText: code }).waitFor();
      await page.getByRole('button', { name: 'Send', exact: true }).click();
      const answer = await getJson<PhoneMessage>(`/api/messages/latest?to=${number}&wait=20`);
      assert.equal(answer.code, code, platform);
    }
  });

  it('shows what was refused, and why', async () => {
    await open('requests');
    const number = newNumber();
    await send(number, '111111');
    const anonymous = () => fetch(`${stack.api.url}/sms/logto`, { method: 'POST', body: '{}' });
    for (const [answer, row, why] of [
      [() => send(number, '222222'), '429 refused', 'rate_exceeded'],
      [() => send('+33612345678', '333333'), '403 refused', 'country_not_allowed'],
      [() => send('12', '444444'), '400 refused', 'invalid_recipient'],
      [anonymous, '401 refused', 'unauthorized'],
      [() => send(number, '111111'), '200 duplicate', 'SignIn'],
    ] as const) {
      assert.equal((await answer()).status, Number.parseInt(row, 10));
      await page.locator('.rows li', { hasText: row }).getByText(why).first().waitFor();
    }
  });

  it('uses an edited template at once, and not one with an error', async () => {
    await open('templates');
    await page.getByRole('link', { name: 'Register any language' }).click();
    const content = page.getByLabel('Text', { exact: true });
    await content.fill('Sans code');
    await page.getByText('error: content has no {{code}}').waitFor();
    assert.ok(await page.getByRole('button', { name: 'Save and use' }).isDisabled());
    await content.fill('Регистрация “{{code}}”');
    await page.getByText('Регистрация “482913”').waitFor();
    await page.getByText('1 segment of UCS-2, for Cyrillic letters').waitFor();
    await page.getByText(/“ \(U\+201C\).* characters left · 1,000 SMS cost 4,190 ₽/).waitFor();
    await page.getByRole('button', { name: 'Save and use' }).click();
    await page.getByText('Saved: the next message uses it.').waitFor();
    const number = newNumber();
    assert.equal((await send(number, '975310', 'Register')).status, 200);
    const { text, code } = await getJson<PhoneMessage>(`/api/messages/latest?to=${number}`);
    assert.deepEqual([text, code], ['Регистрация “975310”', '975310']);
  });

  it('shows a code by Telegram where a template says so', async () => {
    await open('templates');
    await page.getByRole('link', { name: 'BindMfa any language' }).click();
    await page.getByLabel('By Telegram first').check();
    await page.getByText(/1,000 by Telegram [\d,]+ ₽/).waitFor();
    await page.getByRole('button', { name: 'Save and use' }).click();
    await page.getByText('Saved: the next message uses it.').waitFor();
    const number = newNumber();
    assert.equal((await send(number, '864209', 'BindMfa')).status, 200);
    await page.goto(`${stack.page.url}/#/phone/to/${number}`);
    const message = page.locator('.message', { hasText: 'by Telegram' });
    await message.locator('.code', { hasText: '864209' }).waitFor();
  });

  it('plays a fault for the next message only', async () => {
    await open('faults');
    await page.getByRole('button', { name: 'Number on a blacklist: next message' }).click();
    await page.getByRole('link', { name: '1 fault on' }).waitFor();
    assert.equal((await send(newNumber(), '111111')).status, 400);
    await page.getByRole('link', { name: '1 fault on' }).waitFor({ state: 'hidden' });
    assert.equal((await send(newNumber(), '222222')).status, 200);
  });

  it('says of every switch what comes of it', async () => {
    for (const { name, effect } of await getJson<FaultSwitch[]>('/api/switches')) {
      const body = JSON.stringify({ for: 'next_message' });
      await fetch(`${stack.page.url}/api/switches/${name}`, { method: 'PUT', body });
      const { status, headers } = await send(newNumber(), '111111');
      const said = Number(/\((\d+)\)/.exec(effect)?.[1] ?? 200);
      assert.equal(status, said, `${name}: ${effect}`);
      const outcome = await outcomeOf(headers.get('x-request-id'));
      assert.equal(/^\w+/.exec(effect)?.[0].toLowerCase(), outcome, name);
    }
    const left = (await getJson<FaultSwitch[]>('/api/switches')).filter(({ on }) => on);
    assert.deepEqual(left, []);
  });

  it('runs the example of docs/local-development.md', async () => {
    const app = await startSignIn();
    const docs = await readFile(new URL('../../docs/local-development.md', import.meta.url), 'utf8');
    const [, example = ''] = /```ts\n([\s\S]+?)```/.exec(docs) ?? [];
    const code = example
      .replace(
        "import { expect, test } from '@playwright/test';",
        'const { expect, test } = globalThis.playwright;',
      )
      .replace('http://localhost:8080', app.url)
      .replace('http://127.0.0.1:3001', stack.page.url);
    let passed: Promise<void> | undefined;
    Object.assign(globalThis, {
      playwright: {
        test: (_: string, run: (fixtures: object) => Promise<void>) => {
          passed = run({ page, request: context.request });
        },
        expect: (found: ReturnType<Page['getByText']>) => ({ toBeVisible: () => found.waitFor() }),
      },
    });
    await import(`data:text/javascript,${encodeURIComponent(code)}`);
    assert.ok(passed);
    await passed;
    assert.equal(app.signedIn(), 1);
    await app.close();
  });
});

/** A sign-in of two pages, whose backend asks the service for a code. */
async function startSignIn() {
  let expected = '';
  let signedIn = 0;
  const html = (body: string) => `<!doctype html><title>App</title><form method="post">${body}</form>`;
  const field = (label: string, name: string) => `<label>${label} <input name="${name}"></label>`;
  const answer = async (fields: URLSearchParams): Promise<string> => {
    const [to, code] = [fields.get('to'), fields.get('code')];
    if (to) {
      expected = String(Math.floor(100_000 + Math.random() * 900_000));
      // As backends do: the person does not wait for the SMS.
      void send(to, expected);
      return html(`${field('Code', 'code')}<button>Sign in</button>`);
    }
    if (code !== null && code === expected) signedIn += 1;
    return html(code === null ? `${field('Phone number', 'to')}<button>Send code</button>` : 'Welcome');
  };
  const server = http.createServer((request, response) => {
    void text(request).then(async (body) => {
      response.setHeader('Content-Type', 'text/html').end(await answer(new URLSearchParams(body)));
    });
  });
  const { authority, close } = await listen(server);
  return { url: `http://${authority}`, signedIn: () => signedIn, close };
}
