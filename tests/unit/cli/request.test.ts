import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { PLATFORMS } from '../../../lib/platforms/index.ts';
import { readMessage } from '../../../lib/platforms/platform.ts';
import { assertFails, runCommand } from '../../support/cli.ts';
import { httpEvent } from '../../support/http-event.ts';

const TO = '79031234567';
const CODE = "48'29\\13";

/** What the command prints. @param args the platform, if any */
const printed = async (args: string[], environment = {}) => {
  const options = ['--to', TO, '--code', CODE, '--url', 'http://127.0.0.1:4000/'];
  return (await runCommand(['request', ...args, ...options], environment)).output;
};

describe('smsaero request', () => {
  for (const platform of PLATFORMS) {
    it(`prints what a shell makes a valid request of ${platform.name} of`, async () => {
      const script = `curl() { printf '%s\\0' "$@"; }\n${await printed([platform.name])}`;
      const [, url, ...words] = execFileSync('sh', ['-c', script], { encoding: 'utf8' }).split('\0');
      assert.equal(url, `http://127.0.0.1:4000/sms/${platform.name}`);
      const body = words[words.indexOf('--data-binary') + 1] ?? '';
      const pairs = words.flatMap((word, index) => {
        const [, name = '', value = ''] = /^([\w-]+): (.*)$/s.exec(word) ?? [];
        return words[index - 1] === '-H' ? [[name.toLowerCase(), value] as const] : [];
      });
      const event = httpEvent({ path: `/sms/${platform.name}`, headers: Object.fromEntries(pairs), body });
      assert.ok(platform.authenticate(event, [platform.contract().secret.local]));
      const { recipient, variables } = readMessage(platform, event, []);
      assert.deepEqual([recipient.replace('+', ''), variables['code']], [TO, CODE]);
    });
  }

  it('has the secret that npm start was given', async () => {
    const output = await printed(['logto'], { LOCAL_SECRET: 'Bearer 0123456789abcdef' });
    assert.match(output, /-H 'Authorization: Bearer 0123456789abcdef'/);
  });

  it('lists the platforms, and refuses another name', async () => {
    assert.equal(await printed([]), `${PLATFORMS.map(({ name }) => name).join(', ')}\n`);
    await assertFails(runCommand(['request', 'nobody']), 2, /"nobody" is not a platform/);
  });
});
