import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { addressGroup } from '../../../lib/guard/address.ts';
import { keyedHash } from '../../../lib/guard/hash.ts';

describe('addressGroup', () => {
  for (const [address, group] of [
    ['8.8.8.8', '8.8.8.8'],
    [' 8.8.8.8 ', '8.8.8.8'],
    ['::ffff:8.8.8.8', '8.8.8.8'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['2001:0db8:0001:0002::1', '2001:db8:1:2'],
    ['2001:db8::1', '2001:db8:0:0'],
    ['2A02:6B8::FEED:0FF', '2a02:6b8:0:0'],
    ['2001:db8:1:2:ffff:ffff:ffff:ffff', '2001:db8:1:2'],
    ['::ffff:cb00:7118', '203.0.113.24'],
    ['0:0:0:0:0:ffff:8.8.8.8', '8.8.8.8'],
    ['64:ff9b::203.0.113.24', '203.0.113.24'],
    ['::ffff:a00:1', undefined],
    ['10.1.2.3', undefined],
    ['192.168.0.1', undefined],
    ['100.64.0.1', undefined],
    ['127.0.0.1', undefined],
    ['::ffff:10.0.0.1', undefined],
    ['::1', undefined],
    ['fe80::1%eth0', undefined],
    ['fd00::1', undefined],
    ['', undefined],
    [undefined, undefined],
    ['unknown', undefined],
    ['8.8.8.8, 10.0.0.1', undefined],
    ['8.8.8.8:443', undefined],
  ] as const) {
    it(`counts ${address} as ${group}`, () => {
      assert.equal(addressGroup(address), group);
    });
  }
});

describe('keyedHash', () => {
  it('depends on the key, the kind and every part, and shows none of them', () => {
    const hash = keyedHash('key');
    const keys = [
      hash('message', 'logto', '79031234567'),
      hash('recipient', 'logto', '79031234567'),
      hash('message', 'logto7', '9031234567'),
      hash('message', 'logto', '79031234568'),
      keyedHash('other')('message', 'logto', '79031234567'),
    ];
    assert.equal(new Set(keys).size, keys.length);
    assert.equal(keyedHash('key')('message', 'logto', '79031234567'), keys[0]);
    assert.match(keys[0] ?? '', /^message#[\w-]{43}$/);
  });
});
