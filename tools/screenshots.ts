/**
 * Writes docs/images/*.png from the running page of the local stack, in a light theme: the pictures of README and docs.
 * `npm run screenshots`, with Chromium installed.
 */
import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { readSettings } from '../local/settings.ts';
import { startLocalStack } from '../local/stack.ts';
import { launchChromium } from '../tests/support/browser.ts';
import { freePorts } from '../tests/support/ports.ts';

const folder = new URL('../docs/images/', import.meta.url);
const stack = await startLocalStack(readSettings([], await freePorts()));
const browser = await launchChromium();
try {
  await mkdir(folder, { recursive: true });
  const page = await browser.newPage({ viewport: { width: 1100, height: 640 }, colorScheme: 'light' });
  const shoot = async (view: string) => {
    await page.screenshot({ path: fileURLToPath(new URL(`${view}.png`, folder)) });
    console.log(`docs/images/${view}.png`);
  };
  const open = async (view: string) => {
    await page.goto(`${stack.page.url}/#/${view}`);
    await page.getByText('Live', { exact: true }).waitFor();
  };

  const send = (to: string, type: string, code: string, locale = 'ru') =>
    fetch(`${stack.api.url}/sms/logto`, {
      method: 'POST',
      headers: { authorization: 'Bearer local-development' },
      body: JSON.stringify({ to, type, payload: { code, locale } }),
    });
  await send('79031234567', 'SignIn', '482913');
  await send('79031234567', 'SignIn', '701355'); // refused: the second one within 30 s
  await send('79161234567', 'Register', '135790', 'en');
  await send('79263456789', 'ForgotPassword', '908172');

  await open('phone');
  await page.locator('.message', { hasText: 'Delivered' }).nth(2).waitFor();
  await shoot('phone');
  await open('requests');
  await page.getByText('report: delivered').waitFor();
  await shoot('requests');
  await open('templates');
  await page.locator('#preview', { hasText: '482913' }).waitFor();
  await shoot('templates');
  await open('faults');
  await page.getByRole('button', { name: 'No money: next message' }).click();
  await page.getByText('1 fault on').waitFor();
  await shoot('faults');
  await open('send');
  await page.locator('#curl', { hasText: 'curl' }).waitFor();
  await shoot('send');
} finally {
  await browser.close();
  await stack.close();
}
process.exit();
