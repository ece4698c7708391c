import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { PLATFORMS } from '../../lib/platforms/index.ts';
import { readMessage } from '../../lib/platforms/platform.ts';
import { httpEvent } from '../support/http-event.ts';
import { Replies } from '../support/replies.ts';
import { type Stack, startStack, TIME_ENOUGH } from '../support/stack.ts';
import {
  type Attempt,
  type Fixture,
  loadFixtures,
  newMessage,
  type Send,
  type Sent,
  setAt,
} from './platforms/fixture.ts';

const fixtures = await loadFixtures();

/** What lies outside of ZITADEL's and Standard Webhooks' 300 s, in ms. */
const TOO_FAR = 330_000;

/** Platforms whose request has a text of their own beside the code. */
const MAKE_TEXTS = ['auth0', 'authentik', 'fusionauth', 'kratos', 'okta', 'zitadel'];

it('there is a fixture for each platform', () => {
  assert.deepEqual(
    fixtures.map(({ platform }) => platform.name).sort(),
    PLATFORMS.map(({ name }) => name).sort(),
  );
});

describe('each platform, as its source has it', () => {
  let stack: Stack;
  before(async () => {
    stack = await startStack({
      guard: true,
      remaining: TIME_ENOUGH.remaining,
      environment: {
        ...TIME_ENOUGH.environment,
        // One limit is enough here; tests/integration/guard/ has the others.
        ...Object.fromEntries(
          ['ADDRESS_HOUR', 'BLOCK_HOUR', 'TOTAL_HOUR'].map((limit) => [`SMSAERO_LIMIT_${limit}`, '0']),
        ),
      },
      prepare(parameters) {
        for (const { platform, secrets } of fixtures) {
          parameters.put(`/smsaero/test/platforms/${platform.name}`, secrets.join('\n'), 'SecureString');
        }
      },
    });
  });
  after(() => stack.close());
  const gate = () => stack.gates[0] as Stack['gates'][number];
  const replies = new Replies();

  for (const fixture of fixtures) describe(fixture.platform.name, () => suiteOf(fixture));

  function suiteOf(fixture: Fixture): void {
    const { platform, secrets, headers, signed, fields, reaction, right, more } = fixture;
    const { request, body: schema } = platform.contract();
    const path = `/sms/${platform.name}`;
    const [older, secret] = secrets;
    const wrong = older.replace(/[a-z](?=[^a-z]*$)/i, (letter) => (letter === 'x' ? 'y' : 'x'));
    const url = () => stack.hook.url + path;

    async function post(body: string, sent: Readonly<Record<string, string>>): Promise<Sent> {
      const before = stack.account.messages().length;
      const response = await fetch(url(), { method: 'POST', headers: sent, body: Buffer.from(body) });
      const reply = {
        statusCode: response.status,
        headers: Object.fromEntries(response.headers),
        body: await response.text(),
      };
      replies.hold(`POST ${path}`, reply);
      const messages = stack.account.messages(); // the newest first
      const sms = messages.slice(0, messages.length - before);
      return { reply, reaction: reaction(reply), sms };
    }
    const attempt = (body: object, changes: Partial<Attempt> = {}): Attempt => ({
      body: JSON.stringify(body),
      secret,
      at: new Date(),
      id: randomUUID(),
      ...changes,
    });
    const make = (one: Attempt) => post(one.body, headers(one));
    const send: Send = (message, change = (body) => body) => {
      const whole = { ...newMessage(), ...message };
      return make(attempt(change(request(whole)), { id: whole.id }));
    };
    /** As the platform does: tries again for as long as it would, and says how many SMS that made. */
    async function pursue(one: Attempt): Promise<{ does: string; sms: number }> {
      const first = await make(one);
      if (first.reaction.does !== 'retries') return { does: first.reaction.does, sms: first.sms.length };
      const second = await make({ ...one, at: new Date() });
      return { does: 'retries', sms: first.sms.length + second.sms.length };
    }
    function refused({ reaction: { does }, sms, reply }: Sent): void {
      assert.deepEqual([does, sms.length], [right.refused, 0], reply.body);
    }

    it('success: one SMS with the code to the number; repeat: the same answer, and no second SMS', async () => {
      const { to, code } = newMessage();
      const one = attempt(request({ ...newMessage(), to, code }));
      const first = await make(one);
      assert.deepEqual(first.reaction, { does: 'goes on' });
      const messages = first.sms.map(({ number, text }) => [number, text.includes(code)]);
      assert.deepEqual(messages, [[to, true]]);
      const again = await make({ ...one, at: new Date(Date.now() + 2_000) });
      assert.deepEqual([again.reaction, again.sms], [first.reaction, []]);
    });

    it('success: with the older secret', async () => {
      const { sms } = await make(attempt(request(newMessage()), { secret: older }));
      assert.equal(sms.length, 1);
    });

    it('wrong and missing authentication: nothing is sent', async () => {
      const one = attempt(request(newMessage()));
      const { header } = platform.contract().secret;
      const { [header]: proof = '', ...others } = headers(one);
      assert.ok(proof, header);
      const answers = new Set<string>();
      for (const sent of [
        headers({ ...one, secret: wrong }),
        others,
        { ...others, [header]: proof.slice(0, -1) },
        { ...others, [header]: '' },
        {},
      ]) {
        const answer = await post(one.body, sent);
        refused(answer);
        answers.add(answer.reply.body.replaceAll(answer.reply.headers['x-request-id'] ?? '', ''));
      }
      assert.equal(answers.size, 1, 'one and the same answer');
    });

    if (signed) {
      it('replay: bytes and headers of a request that was overheard send nothing', async () => {
        const one = attempt(request(newMessage()));
        const overheard = headers(one);
        assert.equal((await post(one.body, overheard)).sms.length, 1);
        assert.equal((await post(one.body, overheard)).sms.length, 0);
      });

      it('one signature of several, as while secrets are rotated: sent', async () => {
        for (const secretsOfSender of [
          [wrong, secret],
          [older, wrong],
        ]) {
          const one = attempt(request(newMessage()));
          const answer = await post(one.body, headers(one, secretsOfSender));
          assert.deepEqual([answer.reaction.does, answer.sms.length], ['goes on', 1]);
        }
      });

      it('tampered body: nothing is sent', async () => {
        const one = attempt(request(newMessage()));
        refused(await post(one.body.replace('903', '904'), headers(one)));
        refused(await post(`${one.body} `, headers(one)));
      });

      it('old and future timestamps: nothing is sent; within the tolerance it is', async () => {
        const one = attempt(request(newMessage()));
        refused(await make({ ...one, at: new Date(Date.now() - TOO_FAR) }));
        refused(await make({ ...one, at: new Date(Date.now() + TOO_FAR) }));
        for (const [off, sms] of [
          [-240_000, 1],
          [240_000, 0], // a repeat by then
        ] as const) {
          const { reaction: answer, sms: sent } = await make({ ...one, at: new Date(Date.now() + off) });
          assert.deepEqual([answer.does, sent.length], ['goes on', sms]);
        }
      });
    }

    it('unknown fields, everywhere, and an unknown type: sent with the text for any', async () => {
      const { code } = newMessage();
      const change = (body: object) => setAt(addEverywhere(body), fields.type, 'Something.New');
      const { sms } = await send({ code }, change);
      const texts = sms.map(({ text }) => text);
      assert.deepEqual(texts, [`Ваш код: ${code}`]);
    });

    it("its types choose the template, and the address is the person's, where it tells them", () => {
      const parse = (body: object) => platform.parse(httpEvent({ path, body: JSON.stringify(body) }));
      const message = newMessage();
      const sample = request(message);
      for (const [type, usageType] of Object.entries(fixture.usageTypes)) {
        assert.equal(parse(setAt(sample, fields.type, type)).usageType, usageType, type);
      }
      for (const type of ['__proto__', null]) {
        const { usageType } = parse(setAt(sample, fields.type, type));
        assert.ok(['Generic', 'MfaVerification', type].includes(usageType), usageType);
      }
      const { clientAddress, text = '' } = parse(sample);
      assert.equal(clientAddress, fixture.tellsAddress ? '203.0.113.24' : undefined);
      assert.equal(text.includes(message.code), MAKE_TEXTS.includes(platform.name));
    });

    if (fields.code.length > 1) {
      it('a code that is null or empty, as serialisers write one that is not there: the text is sent', () => {
        const message = newMessage();
        for (const value of ['', null]) {
          const noCode = (body: object, at: string) => setAt(body, at, value);
          const body = JSON.stringify(fields.code.slice(0, -1).reduce(noCode, request(message)));
          const { variables, text = '' } = readMessage(platform, httpEvent({ path, body }), []);
          assert.deepEqual([variables['code'], text.includes(message.code)], [undefined, true]);
        }
      });
    }

    it('no code, no JSON, more than 64 KiB: told so, nothing is sent', async () => {
      for (const value of [undefined, null, '', 7]) {
        refused(await send({}, (body) => fields.code.reduce((all, at) => setAt(all, at, value), body)));
      }
      refused(await make(attempt([])));
      refused(await make({ ...attempt({}), body: 'no JSON' }));
      refused(await send({}, (body) => ({ ...body, more: 'x'.repeat(65 * 1024) })));
      assert.equal(schema.safeParse({}).success, false);
    });

    it('keeps number, code and secrets out of the log, also of what is refused', async () => {
      const { to, id } = newMessage();
      const code = 'Kx93Zq';
      await send({ to, code });
      const one = attempt(request({ to, code, id }));
      const proof = headers(one)[platform.contract().secret.header] ?? '';
      await post(one.body, headers({ ...one, secret: wrong }));
      await post(one.body.slice(0, -3), headers(one));
      const output = stack.hook.output();
      for (const hidden of [to, code, older, secret, proof]) assert.ok(!output.includes(hidden), hidden);
    });

    it(`rate limit: ${right.rateLimit}, nothing is sent`, async () => {
      const { to } = newMessage();
      await send({ to });
      const { reaction: answer, sms } = await send({ to });
      assert.deepEqual([answer.does, sms.length], [right.rateLimit, 0]);
    });

    it(`gateway down: ${right.gatewayDown}, and one SMS at most`, async () => {
      gate().faults.order({ fault: 'rate_limited' });
      const { does, sms } = await pursue(attempt(request(newMessage())));
      assert.deepEqual([does, sms], [right.gatewayDown, does === 'retries' ? 1 : 0]);
    });

    it(`unknown outcome: ${right.unknown}, and no second SMS`, async () => {
      gate().faults.order({ fault: 'reset_after_acceptance' });
      assert.deepEqual(await pursue(attempt(request(newMessage()))), { does: right.unknown, sms: 1 });
    });

    more?.({
      ...{ send, post, message: newMessage, url },
      sms: () => stack.account.messages()[0],
      faults: () => gate().faults,
    });
  }
});

/** A copy with fields that nobody knows in each object. */
function addEverywhere(value: object): object {
  const entries = Object.entries(value).map(([name, inner]: [string, unknown]) => [
    name,
    typeof inner === 'object' && inner !== null && !Array.isArray(inner) ? addEverywhere(inner) : inner,
  ]);
  return { ...Object.fromEntries(entries), surprise: { deep: [1, null] } };
}
