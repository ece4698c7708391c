import assert from 'node:assert/strict';
import { it } from 'node:test';
import { Webhook } from 'svix';
import { webhook } from '../../../lib/platforms/webhook.ts';
import { httpEvent } from '../../support/http-event.ts';
import { type Fixture, tellsOfErrors } from './fixture.ts';

const OLDER = `whsec_${Buffer.from('an older key of 32 bytes, older.').toString('base64')}`;
const NEWER = `whsec_${Buffer.from('a newer key of 32 bytes, newer..').toString('base64')}`;

export const fixture: Fixture = {
  platform: webhook,
  secrets: [OLDER, NEWER],
  headers: ({ body, secret, at, id }, secrets = [secret]) => ({
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
    'webhook-signature': secrets.map((one) => new Webhook(one).sign(id, at, body)).join(' '),
  }),
  signed: true,
  fields: { code: ['payload.code'], type: 'type' },
  usageTypes: { SignIn: 'SignIn' },
  tellsAddress: true,
  // The specification leaves a 4xx and a 5xx to the sender, and has it keep the id in each attempt.
  reaction: (reply) =>
    reply.statusCode >= 500 || reply.statusCode === 429 ? { does: 'retries' } : tellsOfErrors(reply),
  // The id is the same, so that another attempt is safe, also after a limit and where it is not known whether it was sent.
  right: { refused: 'tells', rateLimit: 'retries', gatewayDown: 'retries', unknown: 'retries' },
  more({ post, message }) {
    it('is known for as long as a sender tries by the example of the specification', () => {
      // Delays in s, "Deliverability and reliability": the last attempt is made after 75 h 35 min 5 s.
      const delays = [0, 5, 5 * 60, 30 * 60, ...[2, 5, 10, 14, 20, 24].map((hours) => hours * 3_600)];
      const last = delays.reduce((sum, delay) => sum + delay, 0);
      const { idempotency } = webhook.parse(
        httpEvent({
          headers: { 'webhook-id': 'msg_days' },
          body: JSON.stringify(webhook.contract().request(message())),
        }),
      );
      assert.ok(idempotency && idempotency.ttlS > last, 'what may have been sent is sent again');
    });

    it('may not use an id for another message', async () => {
      for (const status of [200, 422]) {
        const body = JSON.stringify(webhook.contract().request(message()));
        const headers = fixture.headers({ body, secret: NEWER, at: new Date(), id: 'msg_twice' });
        assert.equal((await post(body, headers)).reply.statusCode, status);
      }
    });
  },
};
