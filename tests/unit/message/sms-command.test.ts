import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { fingerprintOf, smsCommandSchema } from '../../../lib/message/sms-command.ts';

describe('the fingerprint of a command', () => {
  it('is the same for the same fields in any order', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (fields) => {
        const reversed = Object.fromEntries(Object.entries(fields).reverse());
        assert.equal(fingerprintOf(reversed), fingerprintOf(fields));
      }),
    );
  });

  it('is another one for another command', () => {
    assert.notEqual(fingerprintOf({ x: { a: 1 } }), fingerprintOf({ x: [['a', 1]] }));
    assert.notEqual(fingerprintOf({ code: '1' }), fingerprintOf({ code: 1 }));
    assert.notEqual(fingerprintOf({ a: { b: 1 } }), fingerprintOf({ a: {}, b: 1 }));
  });
});

describe('a command', () => {
  const NEEDED = { to: '79031234567', payload: { code: '1' } };

  it('may have optional fields that are null, empty or white space, which is as if they were not there', () => {
    for (const nothing of [null, '', ' ', undefined]) {
      const command = smsCommandSchema.parse({ ...NEEDED, type: nothing, locale: nothing, ip: nothing });
      assert.deepEqual([command.type, command.locale, command.ip], [undefined, undefined, undefined]);
      assert.equal(fingerprintOf(command), fingerprintOf(smsCommandSchema.parse(NEEDED)), 'no other body');
    }
  });

  it('may not have fields of another type, and none that is too long', () => {
    for (const [field, longest] of [
      ['type', 64],
      ['locale', 200],
      ['ip', 1_000],
      ['to', 256],
    ] as const) {
      const taken = (value: unknown) => smsCommandSchema.safeParse({ ...NEEDED, [field]: value }).success;
      assert.deepEqual(
        [taken('7'.repeat(longest)), taken('7'.repeat(longest + 1)), taken(7), taken([])],
        [true, false, false, false],
        field,
      );
    }
    for (const to of [null, '']) assert.ok(!smsCommandSchema.safeParse({ ...NEEDED, to }).success);
  });

  const nested = (levels: number): unknown => (levels === 0 ? 1 : [nested(levels - 1)]);

  it('has values as deep as placeholders reach, and no deeper', () => {
    const command = (levels: number) => ({ ...NEEDED, payload: { code: '1', x: nested(levels) } });
    assert.ok(smsCommandSchema.safeParse(command(15)).success);
    assert.ok(!smsCommandSchema.safeParse(command(16)).success);
    const asDeepAsABody = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;
    const payload = { code: '1', x: JSON.parse(asDeepAsABody) };
    assert.ok(!smsCommandSchema.safeParse({ ...NEEDED, payload }).success);
  });
});
