import assert from 'node:assert/strict';
import { it } from 'node:test';
import { supabase } from '../../../lib/platforms/supabase.ts';
import { httpEvent } from '../../support/http-event.ts';

it('a signed request is known for as long as it can come again', ({ mock: { timers } }) => {
  const first = 1_767_225_600_000;
  const { secret, request } = supabase.contract();
  const body = JSON.stringify(request({ to: '79031234567', code: '482913', id: 'one' }));
  const headers = Object.entries(secret.headersFor(secret.local, body, first + 300_000));
  const event = httpEvent({
    headers: Object.fromEntries(headers.map(([name, value]) => [name.toLowerCase(), value])),
    body,
  });
  const isAccepted = () => supabase.authenticate(event, [secret.local]);
  timers.enable({ apis: ['Date'], now: first });
  assert.ok(isAccepted(), 'its time is 300 s ahead');
  const { ttlS = 0 } = supabase.parse(event).idempotency ?? {};
  timers.tick(600_999);
  assert.ok(isAccepted() && Date.now() < first + ttlS * 1_000, 'it would be sent again');
  timers.tick(1);
  assert.ok(!isAccepted());
});
