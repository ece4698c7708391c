import assert from 'node:assert/strict';
import http from 'node:http';
import { after, afterEach, describe, it } from 'node:test';
import type { Page } from 'playwright-core';
import { listen } from '../../local/loopback.ts';
import { launchChromium, violationsOf } from '../support/browser.ts';
import { startPhone } from '../support/phone.ts';

const VIEWS = ['phone', 'requests', 'templates', 'send', 'faults'];
const TIMEOUT_MS = 20_000;

const browser = await launchChromium();
const stack = await startPhone({ progress: 'frozen' });
after(async () => {
  await browser.close();
  await stack.close();
});
afterEach(async () => {
  await stack.call('DELETE', '/api/messages');
  await stack.call('DELETE', '/api/faults');
});

/** A browser of its own with the page, in which nothing may go wrong. */
async function withPage(
  run: (parts: { page: Page; open: () => Promise<Page> }) => Promise<void>,
  colorScheme: 'light' | 'dark' = 'light',
): Promise<void> {
  const permissions = ['clipboard-read', 'clipboard-write'];
  const context = await browser.newContext({ colorScheme, permissions });
  context.setDefaultTimeout(TIMEOUT_MS);
  const problems: string[] = [];
  const hosts = new Set<string>();
  context.on('request', (request) => hosts.add(new URL(request.url()).host));
  const open = async () => {
    const page = await context.newPage();
    page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
    page.on('pageerror', (error) => problems.push(error.message));
    await page.goto(`${stack.page.url}/#/phone`);
    await page.getByText('Live', { exact: true }).waitFor();
    return page;
  };
  try {
    await run({ page: await open(), open });
    assert.deepEqual(problems, []);
    assert.deepEqual([...hosts], [new URL(stack.page.url).host], 'nothing is loaded from elsewhere');
  } finally {
    await context.close();
  }
}

/** Has a message come with a code. */
const receive = (code: number, number?: string) => stack.receive(`Your SignIn code is ${code}.`, number);

const texts = (page: Page) => page.locator('.message .bubble').allTextContents();

describe('the phone in a browser', { timeout: 240_000 }, () => {
  it('shows a message as it comes, copies its code, and moves its delivery', () =>
    withPage(async ({ page }) => {
      await page.getByText('No message yet.').waitFor();
      const { id } = stack.receive('Код: 482913 — never share it');
      const message = page.locator('.message');
      await message.getByText('Queued').waitFor();
      assert.equal(await message.locator('.code').textContent(), '482913');
      const shown = (await message.textContent()) ?? '';
      for (const fact of ['SMSAero', '+79031234567', '1 segment of UCS-2', 'Cyrillic letters', '4.19 ₽']) {
        assert.ok(shown.includes(fact), `${fact} in ${shown}`);
      }
      assert.match(shown, /— \(U\+2014\)/, 'the character that is outside of GSM-7');
      await page.getByRole('button', { name: 'Copy code 482913' }).click();
      await page.getByText('Copied', { exact: true }).waitFor();
      assert.equal(await page.evaluate(() => navigator.clipboard.readText()), '482913');
      stack.account.setStatus(id, 3);
      await message.getByText('Sent to the operator').waitFor();
      stack.account.setStatus(id, 1);
      await message.getByText('Delivered', { exact: true }).waitFor();
      assert.equal(await message.locator('button').textContent(), 'Copied', 'though it was drawn again');
    }));

  it('groups by recipient, searches, links to a message, and clears one recipient and all', () =>
    withPage(async ({ page }) => {
      const first = receive(111111, '79031111111');
      receive(222222, '79032222222');
      receive(333333, '79031111111');
      await page.getByText('3 messages', { exact: true }).first().waitFor();
      const recipients = page.locator('section').first().locator('.rows li');
      assert.deepEqual(await recipients.locator('.strong').allTextContents(), [
        'All',
        '+79031111111',
        '+79032222222',
      ]);
      assert.match((await recipients.nth(1).textContent()) ?? '', /2 messages/);
      await recipients.nth(1).locator('a').click();
      await page.getByText('2 messages to +79031111111').waitFor();
      assert.deepEqual(await texts(page), ['Your SignIn code is 333333.', 'Your SignIn code is 111111.']);
      await recipients.first().locator('a').click();
      for (const [words, found] of [
        ['+7 903 222-22', ['Your SignIn code is 222222.']],
        ['code is 111', ['Your SignIn code is 111111.']],
        ['nothing like it', []],
      ] as const) {
        await page.getByLabel('Search').fill(words);
        assert.deepEqual(await texts(page), found);
      }
      await page.getByText('No message has this.').waitFor();
      await page.getByLabel('Search').fill('');
      await page.getByRole('link', { name: 'link to this message' }).last().click();
      assert.equal(new URL(page.url()).hash, `#/phone/${first.id}`);
      await page.reload();
      await page.locator('.message.selected').getByText('111111', { exact: true }).waitFor();
      await recipients.nth(1).locator('a').click();
      await page.getByRole('button', { name: 'Clear +79031111111' }).click();
      await page.getByText('0 messages to +79031111111').waitFor();
      await page.goto(`${stack.page.url}/#/phone`);
      assert.deepEqual(await texts(page), ['Your SignIn code is 222222.']);
      await page.getByRole('button', { name: 'Clear all' }).click();
      await page.getByText('No message yet.').waitFor();
    }));

  it('shows a script in a message as text', () =>
    withPage(async ({ page }) => {
      const text = `<img src=x onerror="document.title='owned'"><script>document.title='owned'</script> 1234`;
      stack.receive(text);
      await page.locator('.message').waitFor();
      assert.deepEqual(await texts(page), [text]);
      assert.equal(await page.locator('main img, main script').count(), 0);
      assert.equal(await page.title(), 'Phone');
    }));

  it('counts in the title what nobody has seen, over all tabs', () =>
    withPage(async ({ page, open }) => {
      await page.goto(`${stack.page.url}/#/faults`);
      receive(111111);
      receive(222222);
      await page.waitForFunction(() => document.title === '(2) Phone');
      const other = await open();
      await other.waitForFunction(() => document.title === 'Phone');
      await page.waitForFunction(() => document.title === 'Phone');
      await other.goto(`${stack.page.url}/#/phone/to/79031234567`);
      receive(333333, '79161234567');
      await other.waitForFunction(() => document.title === '(1) Phone');
    }));

  it('keeps two tabs in step', () =>
    withPage(async ({ page, open }) => {
      const other = await open();
      receive(111111);
      await Promise.all([page, other].map((tab) => tab.locator('.message').waitFor()));
      await page.getByRole('button', { name: 'Clear all' }).click();
      await other.getByText('No message yet.').waitFor();
      await Promise.all([page, other].map((tab) => tab.goto(`${stack.page.url}/#/faults`)));
      await page.getByRole('button', { name: 'No money: until off' }).click();
      await other.locator('[data-name=no_money] [aria-pressed=true]').getByText('Until off').waitFor();
      await other.getByRole('link', { name: '1 fault on' }).waitFor();
      await other.getByRole('button', { name: 'Switch all off' }).click();
      await page.getByRole('link', { name: '1 fault on' }).waitFor({ state: 'hidden' });
      await Promise.all([page, other].map((tab) => tab.goto(`${stack.page.url}/#/templates/3`)));
      await page.getByLabel('Text', { exact: true }).fill('New: {{code}}');
      await page.getByRole('button', { name: 'Save and use' }).click();
      await other.locator('.bubble', { hasText: 'New: 482913' }).waitFor();
      // What somebody types stays, and they are told.
      await other.getByLabel('Text', { exact: true }).fill('Mine: {{code}}');
      await page.getByLabel('Text', { exact: true }).fill('Newer: {{code}}');
      await page.getByRole('button', { name: 'Save and use' }).click();
      await other.getByText('Others were saved elsewhere').waitFor();
      assert.equal(await other.getByLabel('Text', { exact: true }).inputValue(), 'Mine: {{code}}');
      await other.getByRole('button', { name: 'Undo changes' }).click();
      await other.locator('.bubble', { hasText: 'Newer: 482913' }).waitFor();
    }));

  it('shows every message in more tabs than a browser has connections, also when the first is closed', () =>
    withPage(async ({ page, open }) => {
      const others: Page[] = [];
      for (let index = 0; index < 6; index += 1) others.push(await open());
      receive(111111);
      await Promise.all([page, ...others].map((tab) => tab.locator('.message').waitFor()));
      await page.close();
      receive(222222);
      await Promise.all(others.map((tab) => tab.locator('.code', { hasText: '222222' }).waitFor()));
    }));

  it('shows 1,000 messages, of which it draws few', () =>
    withPage(async ({ page }) => {
      for (let index = 0; index < 1_000; index += 1)
        receive(100_000 + index, `7903${2_000_000 + (index % 100)}`);
      await page.getByText('1,000 messages', { exact: true }).first().waitFor();
      assert.equal(await page.locator('.message').count(), 50);
      assert.ok((await page.locator('*').count()) < 2_000);
      await page.getByRole('button', { name: 'Show more of 950' }).click();
      assert.equal(await page.locator('.message').count(), 100);
      await page.getByLabel('Search').fill('100000');
      await page.locator('.code', { hasText: '100000' }).waitFor();
      assert.deepEqual(await texts(page), ['Your SignIn code is 100000.']);
      await page.reload();
      await page.getByText('1,000 messages', { exact: true }).first().waitFor();
    }));

  it('connects again when the stack was restarted, and says so', async (t) => {
    const first = await startPhone();
    const page = await browser.newPage();
    page.setDefaultTimeout(TIMEOUT_MS);
    await page.goto(first.page.url);
    first.receive('Your SignIn code is 111111.');
    await page.locator('.message').waitFor();
    await first.close();
    await page.getByText('Reconnecting …').waitFor();
    const second = await startPhone({ port: first.page.port });
    t.after(() => second.close());
    await page.getByText('Live again: the stack was restarted').waitFor();
    await page.getByText('No message yet.').waitFor();
    second.receive('Your SignIn code is 222222.');
    await page.locator('.code', { hasText: '222222' }).waitFor();
    assert.equal(await page.locator('.message').count(), 1);
  });

  it('is used without a mouse', () =>
    withPage(async ({ page }) => {
      receive(654321);
      await page.locator('.message').waitFor();
      const press = async (key: string, until: string) => {
        for (let pressed = 0; pressed < 100; pressed += 1) {
          await page.keyboard.press(key);
          const name = await page.evaluate(
            () => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent,
          );
          if (name === until) return;
        }
        assert.fail(`${key} never comes to ${until}`);
      };
      await press('Tab', 'Skip to the content');
      await page.keyboard.press('Enter');
      await press('Tab', 'Copy code 654321');
      await page.keyboard.press('Enter');
      await page.getByText('Copied', { exact: true }).waitFor();
      assert.equal(await page.evaluate(() => navigator.clipboard.readText()), '654321');
      await press('Shift+Tab', 'Faults');
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: 'Faults' }).waitFor();
      await press('Tab', 'Lost answer: next message');
      await page.keyboard.press('Space');
      await page.locator('[data-name=no_answer] [aria-pressed=true]').waitFor();
      // The row was drawn again under the focus.
      const name = () => page.evaluate(() => document.activeElement?.getAttribute('aria-label'));
      assert.equal(await name(), 'Lost answer: next message');
      await page.keyboard.press('Space');
      await page.locator('[data-name=no_answer] [aria-pressed=true]').waitFor({ state: 'detached' });
    }));

  for (const [theme, width] of [
    ['light', 1280],
    ['dark', 375],
  ] as const) {
    it(`has no violation that axe finds, ${theme}, ${width} pixels wide`, () =>
      withPage(async ({ page }) => {
        stack.receive('Код: 111111', '79031111111');
        receive(222222);
        await page.setViewportSize({ width, height: 800 });
        for (const view of VIEWS) {
          await page.goto(`${stack.page.url}/#/${view}`);
          if (view === 'faults') await page.getByRole('button', { name: 'No money: until off' }).click();
          assert.deepEqual(await violationsOf(page), [], view);
          const isWider = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
          assert.equal(isWider, false, `${view} fits`);
        }
      }, theme));
  }
});

it('tells a page of another site nothing, and takes no code from a test', { timeout: 120_000 }, async (t) => {
  const elsewhere = await listen(
    http.createServer((_, response) => {
      response.setHeader('Content-Type', 'text/html').end('<title>Elsewhere</title>');
    }),
  );
  t.after(() => elsewhere.close());
  const page = await browser.newPage();
  await page.goto(`http://${elsewhere.authority}/`);
  receive(482913);
  const url = `${stack.page.url}/api/messages/latest?to=79031234567&wait=1`;
  for (const mode of ['cors', 'no-cors'] as const) {
    const asked = page.evaluate(
      ([from, init]) =>
        fetch(from, init).then(
          (response) => response.text(),
          () => 'nothing',
        ),
      [url, { mode }] as const,
    );
    assert.equal(await asked, 'nothing', mode);
  }
  assert.equal(((await (await fetch(url)).json()) as { code: string }).code, '482913');
  await page.setContent(`<a href="${stack.page.url}/#/phone">Phone</a>`);
  await page.getByText('Phone').click();
  await page.getByText('Live', { exact: true }).waitFor();
});
