import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { fingerprintOf, smsCommandSchema } from '../../lib/sms-command.ts';

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
  const nested = (levels: number): unknown => (levels === 0 ? 1 : [nested(levels - 1)]);

  it('has values as deep as placeholders reach, and no deeper', () => {
    const command = (levels: number) => ({ to: '79031234567', payload: { code: '1', x: nested(levels) } });
    assert.ok(smsCommandSchema.safeParse(command(15)).success);
    assert.ok(!smsCommandSchema.safeParse(command(16)).success);
  });
});
