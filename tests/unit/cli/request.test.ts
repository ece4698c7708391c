import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { PassThrough, Readable } from 'node:stream';
import { describe, it } from 'node:test';
import { request } from '../../../cli/commands/request.ts';
import { Terminal } from '../../../cli/terminal.ts';
import { PLATFORMS } from '../../../lib/platforms/index.ts';
import { readMessage } from '../../../lib/platforms/platform.ts';
import { httpEvent } from '../../support/http-event.ts';

const OPTIONS = { to: '79031234567', code: "48'29\\13", url: 'http://127.0.0.1:4000/' };

async function printed(name?: string): Promise<string> {
  const stdout = new PassThrough();
  const io = { stdin: Readable.from([]), stdout, stderr: new PassThrough() };
  await request(OPTIONS, new Terminal(io as never), name);
  return String(stdout.read());
}

describe('smsaero request', () => {
  for (const platform of PLATFORMS) {
    it(`prints what a shell makes a valid request of ${platform.name} of`, async () => {
      const script = `curl() { printf '%s\\0' "$@"; }\n${await printed(platform.name)}`;
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
      assert.deepEqual([recipient.replace('+', ''), variables['code']], [OPTIONS.to, OPTIONS.code]);
    });
  }

  it('has the secret that npm start was given', async () => {
    process.env['LOCAL_SECRET'] = 'Bearer 0123456789abcdef';
    try {
      assert.match(await printed('logto'), /-H 'Authorization: Bearer 0123456789abcdef'/);
    } finally {
      delete process.env['LOCAL_SECRET'];
    }
  });

  it('lists the platforms, and refuses another name', async () => {
    assert.equal(await printed(), `${PLATFORMS.map(({ name }) => name).join(', ')}\n`);
    await assert.rejects(printed('nobody'), /"nobody" is not a platform/);
  });
});
