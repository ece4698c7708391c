import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  deliveryOfToken,
  isDeliveryId,
  KEEP_DELIVERY,
  madeAt,
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
    for (const text of ['', 'short', `${newDeliveryId(NOW)}x`, 'AZq1/first+delivery-12', '539820001']) {
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

  it('of any text is nothing, and no error', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => deliveryOfToken(KEY, text, NOW) === undefined),
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
