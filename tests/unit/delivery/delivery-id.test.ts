import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  deliveryIdFor,
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

  it('is another one each time, unless it is for the same event', () => {
    assert.equal(new Set(Array.from({ length: 1_000 }, () => newDeliveryId(NOW))).size, 1_000);
    assert.equal(deliveryIdFor(NOW, 'message-1'), deliveryIdFor(NOW, 'message-1'));
    assert.notEqual(deliveryIdFor(NOW, 'message-1'), deliveryIdFor(NOW, 'message-2'));
    assert.equal(madeAt(deliveryIdFor(NOW, 'message-1')), NOW);
  });

  it('has that form and no other', () => {
    const id = newDeliveryId(NOW);
    const others = ['', 'short', `${id}x`, `${id}\n`, 'AZq1/first+delivery-12', '539820001', 'é'.repeat(22)];
    for (const text of others) assert.equal(isDeliveryId(text), false, text);
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

  it('is nothing with a character changed, also where the texts decode alike', () => {
    const characters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const after = (character: string, by: number) => characters[(characters.indexOf(character) + by) % 64];
    for (let at = 0; at < token.length; at += 1) {
      for (const by of [1, 16]) {
        const forged = token.slice(0, at) + after(token.charAt(at), by) + token.slice(at + 1);
        assert.equal(deliveryOfToken(KEY, forged, NOW), undefined, `${at} ${by}`);
      }
    }
  });

  /** One character each of two, three and four bytes of UTF-8, and half of a pair. */
  const WIDE = ['é', '€', '😀', '\ud800'];
  const fullWidth = token.replace(/[A-Za-z0-9]/, (each) => String.fromCharCode(each.charCodeAt(0) + 0xfee0));
  for (const forged of [
    ...[token.slice(0, -1), `${token}A`, '', id, `${token}/`, `${id}${'A'.repeat(22)}`],
    ...[`${token}\n`, `\n${token}`, `${token}\0`, ` ${token}`, `${token}\u200b`, fullWidth],
    // Where bytes and characters are not as many: the signature lies behind the 44th byte, or there are no bytes for the time.
    ...WIDE.flatMap((wide) => [
      id.slice(0, 8) + wide.repeat(14) + 'A'.repeat(22),
      id.slice(0, 8) + wide.repeat(36),
      wide.repeat(22) + 'A'.repeat(22),
      id + wide + 'A'.repeat(21),
    ]),
  ]) {
    it(`is nothing of another form or signature: ${JSON.stringify(forged)}`, () => {
      for (const text of [forged, forged.slice(0, 44), forged.slice(-44)]) {
        if (text !== token) assert.equal(deliveryOfToken(KEY, text, NOW), undefined);
      }
      if (!/^[\w-]{44}$/.test(forged)) assert.equal(mayBeToken(forged, NOW), false);
    });
  }

  it('ends with the record that it is for, and does not come from the future', () => {
    const later = NOW + KEEP_DELIVERY * 1_000;
    assert.equal(deliveryOfToken(KEY, token, later), id);
    assert.equal(deliveryOfToken(KEY, token, later + 1), undefined);
    assert.equal(deliveryOfToken(KEY, token, NOW - 300_000), id);
    assert.equal(deliveryOfToken(KEY, token, NOW - 300_001), undefined);
  });
});
