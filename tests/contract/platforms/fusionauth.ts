import assert from 'node:assert/strict';
import { it } from 'node:test';
import { fusionauth } from '../../../lib/platforms/fusionauth.ts';
import { authorization, type Fixture, tellsOfErrors } from './fixture.ts';

/** What its fields "Basic auth username" and "Basic auth password" make, and a header of its own. */
const BASIC = `Basic ${btoa('smsaero:an-older-password-0123')}`;
const HEADER = 'Bearer header-of-fusionauth-0123456789';

export const fixture: Fixture = {
  platform: fusionauth,
  secrets: [BASIC, HEADER],
  headers: (attempt) => ({ 'Content-Type': 'application/json', ...authorization(attempt) }),
  fields: { code: ['code', 'textMessage'], type: 'type' },
  usageTypes: { SMS: 'Generic' },
  // FusionAuth/fusionauth-site, generic-messenger.mdx at 040d8205: 200 to 299 ends it, "return a status code outside of that range" if it
  // was not sent. What follows is not documented; no retries are. FusionAuth/fusionauth-issues#1573: only its event log tells.
  reaction: tellsOfErrors,
  // What may have been sent must end the matter, since what an error leads to is not known.
  right: { refused: 'tells', rateLimit: 'tells', gatewayDown: 'tells', unknown: 'goes on' },
  more({ send }) {
    it('asks for no call', async () => {
      const voice = { type: 'Voice', message: 'Your code is 4 8 2 9 1 3', textMessage: undefined };
      const { reaction, sms } = await send({}, (body) => ({ ...body, ...voice }));
      const message = 'Codes are sent as text messages, not by phone call.';
      assert.deepEqual([reaction, sms], [{ does: 'tells', message }, []]);
    });
  },
};
