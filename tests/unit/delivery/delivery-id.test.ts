import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  deliveryOfToken,
  isDeliveryId,
  KEEP_DELIVERY,
  madeAt,
  mayBeToken,
  newDeliveryId,
  reportToken,
} from '../../../lib/delivery/delivery-id.ts';

const KEY = 'testKey_0123456789_testKey_01234';
const NOW = Date.UTC(2026, 10, 24, 12);

describe('a delivery id', () => {
  it('is 22 characters that can stand in a URL, and tells when it was made', () => {
    const id = newDeliveryId(NOW);
    assert.ok(isDeliveryId(id));
    assert.equal(encodeURIComponent(id), id);
    assert.equal(madeAt(id), NOW);
  });

  it('is another one each time', () => {
    assert.equal(new Set(Array.from({ length: 10_000 }, () => newDeliveryId(NOW))).size, 10_000);
  });

  it('has that form and no other', () => {
    const id = newDeliveryId(NOW);
    for (const text of [
      '',
      'short',
      `${id}x`,
      `${id}\n`,
      'AZq1/first+delivery-12',
      '539820001',
      'é'.repeat(22),
    ]) {
      assert.equal(isDeliveryId(text), false, text);
    }
  });
});

describe('a report token', () => {
  const id = newDeliveryId(NOW);
  const token = reportToken(KEY, id);

  it('names its delivery', () => {
    assert.equal(deliveryOfToken(KEY, token, NOW + 1_000), id);
    assert.equal(encodeURIComponent(token), token);
  });

  it('is nothing under another API key', () => {
    assert.equal(deliveryOfToken(`${KEY}x`, token, NOW), undefined);
  });

  it('is nothing with any character changed, added or taken away', () => {
    const characters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    for (let at = 0; at < token.length; at += 1) {
      // The last character of 22 carries 2 bits: the three others that decode alike are the same signature.
      const others =
        at === token.length - 1 ? characters : characters[(characters.indexOf(token[at] ?? '') + 1) % 64];
      for (const other of others ?? '') {
        const forged = token.slice(0, at) + other + token.slice(at + 1);
        const same = Buffer.from(forged.slice(22), 'base64url').equals(
          Buffer.from(token.slice(22), 'base64url'),
        );
        if (at >= 22 && same) continue;
        assert.equal(deliveryOfToken(KEY, forged, NOW), undefined, `${at} ${other}`);
      }
    }
    for (const forged of [token.slice(0, -1), `${token}A`, '', id, `${id}${'A'.repeat(22)}`, `${token}/`]) {
      assert.equal(deliveryOfToken(KEY, forged, NOW), undefined, forged);
    }
  });

  /** One character each of one, two, three and four bytes of UTF-8, and half of a pair. */
  const WIDE = ['A', 'é', '€', '😀', '\ud800'];

  for (const wide of WIDE.slice(1)) {
    it(`is not a name and ${JSON.stringify(wide)}, where bytes and characters are not as many`, () => {
      for (const [start, wideOnes, rest] of [
        [8, 14, 22], // the signature lies behind the 44th byte
        [8, 36, 0],
        [0, 22, 22], // no bytes for the time
        [22, 1, 21],
        [22, 0, 22],
      ] as const) {
        const text = id.slice(0, start) + wide.repeat(wideOnes) + 'A'.repeat(rest);
        for (const forged of [text, text.slice(0, 44), text.slice(-44)]) {
          assert.equal(deliveryOfToken(KEY, forged, NOW), undefined, forged);
        }
      }
    });
  }

  it('is not followed by anything, nor in another form of Unicode', () => {
    const fullWidth = token.replace(/[A-Za-z0-9]/, (each) =>
      String.fromCharCode(each.charCodeAt(0) + 0xfee0),
    );
    assert.equal(fullWidth.normalize('NFKC'), token);
    for (const forged of [
      `${token}\n`,
      `\n${token}`,
      `${token}\0`,
      ` ${token}`,
      `${token}\u200b`,
      fullWidth,
    ]) {
      assert.equal(deliveryOfToken(KEY, forged, NOW), undefined, JSON.stringify(forged));
      assert.equal(mayBeToken(forged, NOW), false, JSON.stringify(forged));
    }
  });

  it('of any text is nothing, and no error', () => {
    const character = fc.oneof(
      fc.constantFrom(...WIDE),
      fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
    );
    const characters = fc.array(character, { minLength: 20, maxLength: 44 }).map((all) => all.join(''));
    const text = fc
      .tuple(fc.constantFrom('', id.slice(0, 8), id), characters)
      .map(([start, rest]) => (start + rest).slice(0, 44));
    fc.assert(
      fc.property(fc.oneof(text, fc.string({ unit: 'binary' })), (forged) => {
        assert.equal(deliveryOfToken(KEY, forged, NOW), undefined);
        mayBeToken(forged, NOW);
      }),
      { numRuns: 2_000 },
    );
  });

  it('ends with the record that it is for, and does not come from the future', () => {
    const later = NOW + KEEP_DELIVERY * 1_000;
    assert.equal(deliveryOfToken(KEY, token, later), id);
    assert.equal(deliveryOfToken(KEY, token, later + 1), undefined);
    assert.equal(deliveryOfToken(KEY, token, NOW - 300_000), id);
    assert.equal(deliveryOfToken(KEY, token, NOW - 300_001), undefined);
  });
});
