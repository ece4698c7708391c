import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { startFunction } from '../support/function.ts';
import { httpEvent } from '../support/http-event.ts';
import { type Stack, startStack } from '../support/stack.ts';
import { loadFixtures, newMessage, setAt } from './platforms/fixture.ts';

const fixtures = await loadFixtures();

describe('each platform that makes texts, with SMSAERO_PLATFORM_TEXT', () => {
  const makers = fixtures.flatMap((fixture) => {
    const { platform } = fixture;
    const message = newMessage();
    const body = JSON.stringify(platform.contract().request(message));
    const { text } = platform.parse(httpEvent({ path: `/sms/${platform.name}`, body }));
    return text === undefined ? [] : [{ ...fixture, message, body, text }];
  });
  let stack: Stack;
  before(async () => {
    stack = await startStack({
      plainHttp: true,
      gates: 1,
      environment: { SMSAERO_PLATFORM_TEXT: makers.map(({ platform }) => platform.name).join(', ') },
      prepare(parameters) {
        for (const { platform, secrets } of makers) {
          parameters.put(`/smsaero/test/platforms/${platform.name}`, secrets.join('\n'), 'SecureString');
        }
      },
    });
  });
  after(() => stack.close());

  for (const { platform, secrets, headers, fields, reaction, right, message, body, text } of makers) {
    const post = async (content: string) => {
      const proof = headers({ body: content, secret: secrets[1], at: new Date(), id: randomUUID() });
      const url = `${stack.hook.url}/sms/${platform.name}`;
      const response = await fetch(url, { method: 'POST', headers: proof, body: content });
      const answered = Object.fromEntries(response.headers);
      return reaction({ statusCode: response.status, headers: answered, body: await response.text() });
    };

    it(`${platform.name}: its text is sent as it is`, async () => {
      assert.equal((await post(body)).does, 'goes on');
      const [sms] = stack.account.messages();
      assert.deepEqual([sms?.number, sms?.text], [message.to, text]);
    });

    it(`${platform.name}: a text of more than 640 characters is refused`, async () => {
      const long = setAt(JSON.parse(body), fields.code.at(-1) ?? '', 'я'.repeat(641));
      const before = stack.account.messages().length;
      assert.equal((await post(JSON.stringify(long))).does, right.refused);
      assert.equal(stack.account.messages().length, before);
    });
  }

  it('there is one, and a name that nobody has keeps the function from starting', async () => {
    assert.ok(makers.length > 0);
    const environment = {
      SMSAERO_CONFIG_PATH: '/smsaero/test',
      AWS_ENDPOINT_URL_SSM: stack.parameters.url,
      SMSAERO_PLATFORM_TEXT: 'okat',
    };
    await assert.rejects(startFunction('sms-hook', environment), /did not start.*SMSAERO_PLATFORM_TEXT/s);
  });
});
