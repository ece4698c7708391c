import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Configuration } from '../../../lib/config/configuration.ts';
import { addressGroups } from '../../../lib/guard/address.ts';
import { HttpError } from '../../../lib/http/errors.ts';
import { problemOfSecrets } from '../../../lib/platforms/index.ts';
import { logto } from '../../../lib/platforms/logto.ts';
import { admit, readMessage } from '../../../lib/platforms/platform.ts';
import { supabase } from '../../../lib/platforms/supabase.ts';
import { zitadel } from '../../../lib/platforms/zitadel.ts';
import { httpEvent } from '../../support/http-event.ts';

/** The fields that a request is refused for. */
function refused(read: () => unknown): unknown {
  try {
    read();
  } catch (error) {
    assert.ok(error instanceof HttpError);
    assert.equal(error.code, 'invalid_request');
    return error.fields;
  }
  return assert.fail('taken');
}

describe('readMessage', () => {
  function read(args: object, text?: string, textPlatforms: readonly string[] = []) {
    const contextInfo = { recipientPhoneNumber: '+79031234567' };
    const body = JSON.stringify({ contextInfo, templateData: { text }, args });
    const message = readMessage(zitadel, httpEvent({ body }), textPlatforms);
    return [message.variables['code'], message.text];
  }
  const code = '482913';
  const text = 'Your code is 482913';

  for (const [what, textOfPlatform, textPlatforms, expected] of [
    ['leaves the text out where there is a code: the template is sent', text, ['okta'], undefined],
    ['takes the text of a platform whose text is wanted', text, ['okta', 'zitadel'], text],
    ['takes no text for none', undefined, ['zitadel'], undefined],
    ['takes a text of nothing but blanks for none', ' \n ', ['zitadel'], undefined],
  ] as const) {
    it(what, () => assert.deepEqual(read({ code }, textOfPlatform, textPlatforms), [code, expected]));
  }

  it('takes the text of a message without a code', () => {
    assert.deepEqual(read({}, 'Welcome'), [undefined, 'Welcome']);
  });

  it('refuses a code that cannot be sent, and does not send the text with it instead', () => {
    for (const bad of ['48\u200b2913', '4\n8', '4'.repeat(101)]) {
      const fields = refused(() => read({ code: bad }, `Your code is ${bad}`)) as { path: string }[];
      assert.equal(fields[0]?.path, 'args.code');
    }
  });

  it('refuses a message with neither, and says what is missing', () => {
    for (const short of [undefined, '', '.']) {
      const fields = refused(() => read({}, short));
      assert.deepEqual(fields, [{ path: '', code: 'missing_code' }]);
    }
  });
});

describe('fields of a body', () => {
  const good = { to: '79031234567', type: 'SignIn', payload: { code: '482913' } };
  const parse = (body: object) => logto.parse(httpEvent({ body: JSON.stringify({ ...good, ...body }) }));

  it('may have a number of 256 characters and a code of 100', () => {
    const to = '79031234567'.padEnd(256, ' ');
    const code = '4'.repeat(100);
    const { recipient, variables } = parse({ to, payload: { code } });
    assert.deepEqual([recipient, variables['code']], [to, code]);
  });

  for (const [what, body, path, code] of [
    ['a number of 257 characters', { to: '79031234567'.padEnd(257, ' ') }, 'to', 'too_big'],
    ['no number', { to: '' }, 'to', 'too_small'],
    ['a code of 101 characters', { payload: { code: '4'.repeat(101) } }, 'payload.code', 'too_big'],
    ['a code with a line break', { payload: { code: '1\n2' } }, 'payload.code', 'invalid_format'],
  ] as const) {
    it(`may not be ${what}`, () => {
      const fields = refused(() => parse(body));
      assert.deepEqual(fields, [{ path, code }]);
    });
  }

  it('that are hints are dropped if they are too long or none at all', () => {
    const payload = { code: '482913', locale: 'e'.repeat(201), uiLocales: 'ru-RU en' };
    const { usageType, locale, clientAddress } = parse({ type: null, payload, ip: null });
    assert.deepEqual([usageType, locale, clientAddress], ['Generic', ['ru-RU en'], undefined]);
  });

  it('keep an address of any length and type, so that it is noticed if it cannot be counted', () => {
    const list = `${'10.0.0.6, '.repeat(100)}203.0.113.9`;
    assert.equal(parse({ ip: list }).clientAddress, list);
    for (const ip of [7, true, ['203.0.113.9'], { v4: '203.0.113.9' }]) {
      assert.deepEqual(addressGroups(parse({ ip }).clientAddress), { groups: [], problem: 'unparseable' });
    }
  });

  it('name a message of Logto by type and code, to which its number is added as it is read', () => {
    const { idempotency } = parse({ to: '+7 903 123-45-67' });
    assert.deepEqual(idempotency, { key: '["SignIn","482913"]', perRecipient: true, ttlS: 60 });
  });
});

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

describe('secrets of platforms', () => {
  const key = Buffer.alloc(32, 7).toString('base64');
  for (const [platform, secret, isGood] of [
    ['supabase', `v1,whsec_${key}`, true],
    ['supabase', `whsec_${key}`, false],
    ['webhook', `whsec_${key}`, true],
    ['webhook', 'whsec_tooshort', false],
    ['webhook', `whsec_${key.replace('=', '!')}`, false],
    ['logto', 'anything at all', true],
    ['nobody', 'anything at all', true],
  ] as const) {
    it(`${platform}: ${secret} is ${isGood ? 'right' : 'wrong'}`, () => {
      const problem = problemOfSecrets(platform, [`v1,whsec_${key}`, secret]);
      assert.equal(problem === undefined, isGood);
      assert.ok(!problem?.includes(secret.slice(-8)), 'shows the secret');
    });
  }
});

const OLD = 'Bearer old-secret-0123456789';
const NEW = 'Bearer new-secret-0123456789';

for (const [what, given, cached, refreshed, expected] of [
  ['lets a known secret in without a refresh', OLD, { logto: [OLD] }, {}, ['cached']],
  ['lets a second secret in that was added a moment ago', NEW, { logto: [OLD] }, { logto: [OLD, NEW] }],
  ['lets a first secret in that was added a moment ago', NEW, {}, { logto: [NEW] }],
  ['refuses a secret that is still unknown', NEW, { logto: [OLD] }, { logto: [OLD] }, 'unauthorized'],
  ['refuses a platform that is off', NEW, {}, {}, 'not_found'],
  ['refuses a platform that was turned off', NEW, { logto: [OLD] }, {}, 'not_found'],
] as const) {
  it(`admit ${what}`, async () => {
    const asked: string[] = [];
    const source = (name: string, platforms: object) => async () => {
      asked.push(name);
      return { platforms } as Configuration;
    };
    const admitted = admit(logto, httpEvent({ headers: { authorization: given } }), {
      get: source('cached', cached),
      getRefreshed: source('refreshed', refreshed),
    });
    if (typeof expected === 'string') await assert.rejects(admitted, { code: expected });
    else await admitted;
    assert.deepEqual(asked, Array.isArray(expected) ? expected : ['cached', 'refreshed']);
  });
}
