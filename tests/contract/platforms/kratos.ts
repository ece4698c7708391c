import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { it } from 'node:test';
import { kratos } from '../../../lib/platforms/kratos.ts';
import { authorization, type Fixture } from './fixture.ts';

const BASIC = `Basic ${Buffer.from('smsaero:a-password-of-kratos-0123').toString('base64')}`;

export const fixture: Fixture = {
  platform: kratos,
  // request/auth.go: `api_key` sets a header of any name to its value, `basic_auth` is Go's SetBasicAuth.
  secrets: ['Bearer an-older-api-key-of-kratos', BASIC],
  headers: (attempt) => ({ 'Content-Type': 'application/json', ...authorization(attempt) }),
  fields: { code: ['code', 'body'], type: 'template_type' },
  usageTypes: {
    login_code_valid: 'SignIn',
    registration_code_valid: 'Register',
    recovery_code_valid: 'ForgotPassword',
    verification_code_valid: 'BindNewIdentifier',
    authenticator_key_added: 'Generic',
  },
  tellsAddress: true,
  // courier/http_channel.go: any 2xx is a success, and the body only goes to the log. courier_dispatcher.go: after anything else the
  // message is queued again, until it was tried message_retries + 1 times.
  reaction: ({ statusCode }) =>
    statusCode >= 200 && statusCode < 300 ? { does: 'goes on' } : { does: 'retries' },
  // Nobody waits for an answer, and the message stays in Kratos's queue until it is sent or abandoned: so it is known there that nothing
  // was sent. What may have been sent must not stay in it.
  right: { refused: 'retries', rateLimit: 'retries', gatewayDown: 'retries', unknown: 'goes on' },
  more({ send, post, message }) {
    it('sends the text of a message without a code, and another one of the same text at another time', async () => {
      const { to } = message();
      const text = 'An address on your account was changed.';
      const change = (number: string, at: string) => (whole: object) => {
        const { code: _, ...rest } = whole as { code: string };
        return { ...rest, recipient: number, template_type: 'verifiable_address_changed', body: text, at };
      };
      const first = await send({}, change(to, '2026-08-20T09:12:33Z'));
      assert.deepEqual([first.sms[0]?.number, first.sms[0]?.text], [to, text]);
      const again = await send({}, change(to, '2026-08-20T09:12:33Z'));
      assert.deepEqual([again.reaction.does, again.sms.length], ['goes on', 0]);
      const later = await send({}, change(to, '2026-08-20T09:13:33Z'));
      assert.equal(later.reaction.does, 'retries', 'another message, which the limit of 30 s refuses now');
    });

    it("sends the text of Kratos's default Jsonnet", async () => {
      const { to } = message();
      const body = {
        recipient: `+${to}`,
        template_type: 'recovery_code_valid',
        to: `+${to}`,
        recovery_code: null,
        recovery_url: null,
        verification_url: null,
        verification_code: '482913',
        subject: '',
        body: 'Your recovery code is: 482913\n\n@example.com #482913\n',
      };
      const { sms } = await post(JSON.stringify(body), { Authorization: BASIC });
      const texts = sms.map(({ text }) => text);
      assert.deepEqual(texts, [body.body]);
    });

    it('has a Jsonnet on its page that takes the code of each type, and makes every field that is read', async () => {
      const page = await readFile(new URL('../../../docs/platforms/kratos.md', import.meta.url), 'utf8');
      const jsonnet = /^ *```jsonnet\n(.*?)^ *```/ms.exec(page)?.[1] ?? assert.fail('no Jsonnet');
      // The JSON names in courier/template/sms/*.go; `recovery_code` is what the one of recovery ought to be.
      for (const name of ['login_code', 'registration_code', 'verification_code', 'recovery_code']) {
        assert.match(jsonnet, new RegExp(`std\\.get\\(data, '${name}'`), name);
      }
      for (const name of ['changed_at', 'added_at']) assert.ok(jsonnet.includes(`std.get(data, '${name}'`));
      const made = Array.from(jsonnet.matchAll(/^ {7}(\w+): /gm), ([, name = '']) => name);
      const { request, examples = {} } = kratos.contract();
      const read = Object.keys(Object.assign({}, request(message()), ...Object.values(examples)));
      assert.deepEqual(made.toSorted(), read.toSorted());
    });
  },
};
