import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { addressGroups } from '../../../lib/guard/address.ts';
import { HttpError } from '../../../lib/http/errors.ts';
import { logto } from '../../../lib/platforms/logto.ts';
import { httpEvent } from '../../support/http-event.ts';

const GOOD = { to: '79031234567', type: 'SignIn', payload: { code: '482913' } };

const parse = (body: object) => logto.parse(httpEvent({ body: JSON.stringify({ ...GOOD, ...body }) }));

describe('logto.parse', () => {
  it('takes a number of 256 characters and a code of 100', () => {
    const to = '79031234567'.padEnd(256, ' ');
    const code = '4'.repeat(100);
    const { recipient, variables } = parse({ to, payload: { code } });
    assert.deepEqual([recipient, variables['code']], [to, code]);
  });

  for (const [what, body, path, code] of [
    ['a number of 257 characters', { to: '79031234567'.padEnd(257, ' ') }, 'to', 'too_big'],
    ['no number', { to: '' }, 'to', 'too_small'],
    ['a code of 101 characters', { payload: { code: '4'.repeat(101) } }, 'payload.code', 'too_big'],
    ['an empty code', { payload: { code: '' } }, 'payload.code', 'too_small'],
    ['a code with a line break', { payload: { code: '1\n2' } }, 'payload.code', 'invalid_format'],
    [
      'a code that turns the writing around',
      { payload: { code: '\u202e12' } },
      'payload.code',
      'invalid_format',
    ],
    ['a code that is a number', { payload: { code: 482913 } }, 'payload.code', 'invalid_type'],
  ] as const) {
    it(`refuses ${what}`, () => {
      assert.throws(
        () => parse(body),
        (error) => {
          assert.ok(error instanceof HttpError);
          assert.equal(error.code, 'invalid_request');
          assert.deepEqual(error.fields, [{ path, code }]);
          return true;
        },
      );
    });
  }

  it('drops a hint that is too long or none at all, and keeps the rest', () => {
    const { usageType, locale, clientAddress } = parse({
      type: null,
      payload: { code: '482913', locale: 'e'.repeat(201), uiLocales: 'ru-RU en' },
      ip: null,
    });
    assert.deepEqual([usageType, locale, clientAddress], ['Generic', ['ru-RU en'], undefined]);
  });

  for (const ip of [7, true, ['203.0.113.9'], { v4: '203.0.113.9' }]) {
    it(`takes ${JSON.stringify(ip)} for an address that cannot be read, which is noticed`, () => {
      const { clientAddress } = parse({ ip });
      assert.deepEqual(addressGroups(clientAddress), { groups: [], problem: 'unparseable' });
    });
  }

  it('takes no address for none', () => {
    assert.equal(parse({}).clientAddress, undefined);
  });

  it('keeps an address of any length, so that it is noticed if it cannot be counted', () => {
    const ip = `${'10.0.0.6, '.repeat(100)}203.0.113.9`;
    assert.equal(parse({ ip }).clientAddress, ip);
  });

  it('names a message by type and code, whose number is added as it is read', () => {
    const { idempotency } = parse({ to: '+7 903 123-45-67' });
    assert.deepEqual(idempotency, { key: '["SignIn","482913"]', perRecipient: true, ttlS: 60 });
  });
});
