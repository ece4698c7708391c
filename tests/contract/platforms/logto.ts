import assert from 'node:assert/strict';
import { it } from 'node:test';
import createHttpSmsConnector from '@logto/connector-http-sms';
import { logto } from '../../../lib/platforms/logto.ts';
import { authorization, type Fixture, tellsOfErrors } from './fixture.ts';

const SECRET = 'Bearer test-secret-0123456789';

export const fixture: Fixture = {
  platform: logto,
  secrets: ['Bearer an-older-secret-0123', SECRET],
  headers: authorization,
  signed: false,
  fields: { code: ['payload.code'], type: 'type' },
  usageTypes: { SignIn: 'SignIn', Test: 'Test' },
  tellsAddress: true,
  // @logto/connector-http-sms throws for anything but a 2xx; the sign-in page shows the body's message. Nothing is repeated.
  reaction: tellsOfErrors,
  // A person waits at the page: a sentence is all that Logto can be given. It never repeats a request.
  right: { refused: 'tells', rateLimit: 'tells', gatewayDown: 'tells', unknown: 'tells' },
  more({ url, message }) {
    it('is understood by the unmodified connector', async () => {
      const connector = await createHttpSmsConnector({
        getConfig: async () => ({ endpoint: url(), authorization: SECRET }),
      });
      const { to, code } = message();
      const data = { to, type: 'SignIn', payload: { code } } as never;
      const { statusCode } = (await connector.sendMessage(data)) as { statusCode: number };
      assert.equal(statusCode, 200);
      await assert.rejects(connector.sendMessage({ ...(data as object), to: '74951234567' } as never));
    });
  },
};
