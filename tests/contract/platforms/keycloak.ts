import assert from 'node:assert/strict';
import { it } from 'node:test';
import { keycloak } from '../../../lib/platforms/keycloak.ts';
import { authorization, type Fixture, tellsOfErrors } from './fixture.ts';

/** "Basic Auth Username" with "API Secret", and "API Secret" alone in the header. */
const BASIC = `Basic ${btoa('smsaero:an-older-password-0123')}`;
const TOKEN = 'Bearer secret-of-keycloak-0123456789';

/** getJsonBody of ApiSmsService (netzbegruenung/keycloak-mfa-plugins at 99c1e425): nothing is escaped. */
const jsonOf = (to: string, value: string, name = 'text') =>
  `{"${name}":"${value}","to":"${to}","from":"Keycloak"}`;

/** urlencodedRequest of the same. */
const formOf = (to: string, value: string, name = 'text') =>
  new URLSearchParams([
    [name, value],
    ['to', to],
    ['from', 'Keycloak'],
  ]).toString();

const JSON_HEADERS = { 'Content-Type': 'application/json', Authorization: TOKEN };
const FORM_HEADERS = { 'Content-Type': 'application/x-www-form-urlencoded', Authorization: TOKEN };

export const fixture: Fixture = {
  platform: keycloak,
  secrets: [BASIC, TOKEN],
  headers: (attempt) => ({ 'Content-Type': 'application/json', ...authorization(attempt) }),
  fields: { code: ['code'], type: 'type' },
  // The plugin tells none; one that a person puts in must not count.
  usageTypes: { SignIn: 'MfaVerification' },
  // send() of the same class: any 2xx is logged as sent, anything else as failed; the person sees the page for the code in any case.
  reaction: tellsOfErrors,
  // Its log is all that can be told. With JSON the code stands there, so a code that may have arrived must not get there.
  right: { refused: 'tells', rateLimit: 'tells', gatewayDown: 'tells', unknown: 'goes on' },
  more({ post, message }) {
    const textsOf = (sms: readonly { readonly text: string }[]) => sms.map(({ text }) => text);
    const refused = async (body: string, headers: Readonly<Record<string, string>>, code: string) => {
      const { reply, sms } = await post(body, headers);
      assert.deepEqual([reply.statusCode, sms], [400, []], body);
      const { fields } = JSON.parse(reply.body) as { fields: { code: string }[] };
      assert.deepEqual([fields.length, fields[0]?.code], [1, code], body);
    };

    it('sends text and code, as JSON and as a form, also with quotes and line breaks in a form', async () => {
      const text = 'Ваш "SMS-код": 482913\n\n@example.com #482913';
      assert.deepEqual(textsOf((await post(formOf(`+${message().to}`, text), FORM_HEADERS)).sms), [text]);
      for (const [bodyOf, headers] of [
        [jsonOf, JSON_HEADERS],
        [formOf, FORM_HEADERS],
      ] as const) {
        const plain = await post(bodyOf(message().to, 'Код: 482913. Действителен 5 минут.'), headers);
        assert.deepEqual(textsOf(plain.sms), ['Код: 482913. Действителен 5 минут.']);
        const code = await post(bodyOf(message().to, '482913', 'code'), headers);
        assert.deepEqual(textsOf(code.sms), ['Ваш код: 482913']);
      }
    });

    it('refuses JSON that the plugin did not escape', async () => {
      for (const text of ['Ваш "код": 482913', 'Код 482913\n@example.com #482913', 'C:\\482913']) {
        await refused(jsonOf(message().to, text), JSON_HEADERS, 'invalid_json');
      }
    });

    it('lets nobody put fields in through the number', async () => {
      const { to } = message();
      const text = 'Код: 482913.';
      for (const [number, code] of [
        [`${to}","text":"Buy now`, 'repeated_name'],
        [`${to}","te\\u0078t":"Buy now`, 'repeated_name'],
        [`${to}","text" : "Buy now`, 'repeated_name'],
        [`1","to":"${to}`, 'repeated_name'],
        [`${to}","more":{"text":"x"},"x":"`, 'repeated_name'],
        [`${to}","code":"111111`, 'unrecognized_keys'],
        [`${to}"`, 'invalid_json'],
      ] as const) {
        await refused(jsonOf(number, text), JSON_HEADERS, code);
      }
      await refused(jsonOf(`${to}","text":"Buy now`, '482913', 'code'), JSON_HEADERS, 'unrecognized_keys');
      await refused(jsonOf(`${to}","code":"111111`, '482913', 'code'), JSON_HEADERS, 'repeated_name');
      const { reply, sms } = await post(formOf(`${to}&text=Buy`, text), FORM_HEADERS);
      assert.deepEqual([reply.statusCode, sms.length], [400, 0]);
    });
  },
};
