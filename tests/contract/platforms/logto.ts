import assert from 'node:assert/strict';
import { it } from 'node:test';
import createHttpSmsConnector from '@logto/connector-http-sms';
import { ConnectorError, TemplateType } from '@logto/connector-kit';
import { logto } from '../../../lib/platforms/logto.ts';
import { authorization, type Fixture, tellsOfErrors } from './fixture.ts';

const SECRET = 'Bearer test-secret-0123456789';

export const fixture: Fixture = {
  platform: logto,
  secrets: ['Bearer an-older-secret-0123', SECRET],
  headers: authorization,
  fields: { code: ['payload.code'], type: 'type' },
  usageTypes: Object.fromEntries([...Object.values(TemplateType), 'Test'].map((type) => [type, type])),
  tellsAddress: true,
  // @logto/connector-http-sms throws for anything but a 2xx; the sign-in page shows the body's message. Nothing is repeated.
  reaction: tellsOfErrors,
  // A person waits at the page: a sentence is all that Logto can be given. It never repeats a request.
  right: { refused: 'tells', rateLimit: 'tells', gatewayDown: 'tells', unknown: 'tells' },
  more({ url, message, sms, faults }) {
    /** Sends by the unmodified connector what Logto's core hands to it. */
    async function send(data: object) {
      const { sendMessage } = await createHttpSmsConnector({
        getConfig: async () => ({ endpoint: url(), authorization: SECRET }),
      });
      return (await sendMessage({ to: message().to, ...data } as never)) as {
        statusCode: number;
        body: string;
      };
    }
    /** The error body that Logto shows to the person who is signing in. */
    async function refusal(data: object): Promise<Record<string, unknown>> {
      const error = await send(data).catch((thrown: unknown) => thrown);
      assert.ok(error instanceof ConnectorError, 'The connector took the answer for a success');
      return JSON.parse((error.data as { message: string }).message) as Record<string, unknown>;
    }
    const payload = { code: '482913' };

    for (const [what, data, text] of [
      [
        'the sign-in page',
        {
          type: 'SignIn',
          payload: { ...payload, locale: 'ru', uiLocales: 'ru-RU ru en' },
          ip: '203.0.113.24',
        },
        'Код для входа: 482913. Никому его не сообщайте.',
      ],
      [
        'a sign-in page in English',
        { type: 'SignIn', payload: { ...payload, locale: 'en-US', uiLocales: 'ru' } },
        'Your sign-in code is 482913.',
      ],
      [
        'a person who reads English',
        { type: 'SignIn', payload: { ...payload, uiLocales: 'en-GB ru' } },
        'Your sign-in code is 482913.',
      ],
    ] as const) {
      it(`sends what ${what} asks for by the unmodified connector`, async () => {
        const { statusCode, body } = await send(data);
        const newest = sms();
        assert.deepEqual([statusCode, newest?.text], [200, text]);
        assert.deepEqual(JSON.parse(body), { status: 'accepted', messageId: String(newest?.id) });
      });
    }

    it('shows the person one sentence, and nothing of SMS Aero, the number or the code', async () => {
      const { code, message: sentence } = await refusal({ to: '74951234567', payload });
      assert.deepEqual([code, sentence], ['invalid_recipient', 'This phone number cannot receive messages.']);
      for (const fault of ['no_money', 'bad_sender_name', 'bad_gateway_html', 'ip_not_allowed'] as const) {
        faults().order({ fault });
        const body = JSON.stringify(await refusal({ payload }));
        assert.doesNotMatch(body, /482913|7903|money|credential|sign\b|ip-address|html|smsaero/i);
      }
    });
  },
};
