import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { keyedHash } from '../../../lib/derived-key.ts';
import type { Item, Update } from '../../../lib/dynamodb.ts';
import { addressGroups } from '../../../lib/guard/address.ts';
import { AddressNotices, readAddressNotices } from '../../../lib/guard/address-notices.ts';

/** What an address of IPv6 is counted by: its /64, and its /48 at four times the limit. */
const v6 = (of64: string) => [
  { key: of64, factor: 1 },
  { key: of64.split(':').slice(0, 3).join(':'), factor: 4 },
];
const v4 = (address: string) => [{ key: address, factor: 1 }];

describe('addressGroups', () => {
  for (const [address, groups] of [
    ['8.8.8.8', v4('8.8.8.8')],
    [' 8.8.8.8 ', v4('8.8.8.8')],
    ['::ffff:8.8.8.8', v4('8.8.8.8')],
    ['2001:db8:1:2:3:4:5:6', v6('2001:db8:1:2')],
    ['2001:db8::1', v6('2001:db8:0:0')],
    ['2A02:6B8::FEED:0FF', v6('2a02:6b8:0:0')],
    ['::ffff:cb00:7118', v4('203.0.113.24')],
    ['64:ff9b::203.0.113.24', v4('203.0.113.24')],
    ['64:ff9b:1:a::203.0.113.24', v4('203.0.113.24')],
    ['::ffff:0:203.0.113.24', v4('203.0.113.24')],
    // with a port
    ['203.0.113.9:50001', v4('203.0.113.9')],
    ['203.0.113.9:', v4('203.0.113.9')],
    ['[2a01:db8::5]:4711', v6('2a01:db8:0:0')],
    ['[2a01:db8::5]', v6('2a01:db8:0:0')],
    ['[::ffff:203.0.113.9]:50001', v4('203.0.113.9')],
    ['::ffff:203.0.113.9:50001', v4('203.0.113.9')],
    ['2001:db8:1:2:3:4:5:6:50001', v6('2001:db8:1:2')],
    // with a zone, or a prefix length as databases write it
    ['2a01:db8::5%eth0', v6('2a01:db8:0:0')],
    ['[2a01:db8::5%25eth0]:4711', v6('2a01:db8:0:0')],
    ['203.0.113.9/32', v4('203.0.113.9')],
    // in quotes, and with what nobody sees
    ['"203.0.113.9"', v4('203.0.113.9')],
    ["'[2001:db8::1]:80'", v6('2001:db8:0:0')],
    ['\u202d203.0.113.9\u202c', v4('203.0.113.9')],
    ['\ufeff203.0.113.9\r\n', v4('203.0.113.9')],
    ['２０３．0.113.9', v4('203.0.113.9')],
    // X-Forwarded-For
    ['203.0.113.9, 10.0.0.6', v4('203.0.113.9')],
    ['10.0.0.6,203.0.113.9', v4('203.0.113.9')],
    ['unknown, 2001:db8::1', v6('2001:db8:0:0')],
    ['203.0.113.9 198.51.100.7', v4('203.0.113.9')],
    [`${'10.0.0.6, '.repeat(2_000)}203.0.113.9`, v4('203.0.113.9')],
    // Forwarded
    ['for="[2001:db8::1]:4711"', v6('2001:db8:0:0')],
    ['for=192.0.2.60;proto=http;by=203.0.113.43', v4('192.0.2.60')],
    ['For="192.0.2.43:47011", for="[2001:db8:cafe::17]"', v4('192.0.2.43')],
    ['by=203.0.113.43; for=192.0.2.60', v4('192.0.2.60')],
    ['for=_hidden, for=192.0.2.60', v4('192.0.2.60')],
  ] as const) {
    it(`counts ${JSON.stringify(address).slice(0, 60)} by ${groups[0]?.key}`, () => {
      assert.deepEqual(addressGroups(address), { groups });
    });
  }

  for (const [problem, addresses] of Object.entries({
    private: [
      // ::8.8.8.8 is IPv4-compatible, which nobody uses (RFC 4291)
      ...['::ffff:a00:1', '10.1.2.3', '10.1.2.3:443', '192.168.0.1', '100.64.0.1', '127.0.0.1'],
      ...['::ffff:10.0.0.1', '64:ff9b:1::10.0.0.1', '::1', 'fe80::1%eth0', 'fd00::1', '::8.8.8.8'],
      ...['224.0.0.1', '255.255.255.255', 'ff02::1', 'unknown, 10.0.0.1', '10.0.0.1, unknown'],
    ],
    unparseable: [
      ...['unknown', 'null', 'for=unknown;by=203.0.113.43', '2130706433', '203.000.113.009', '203.0.113'],
      ...['203.0.113.9.5', 'example.com', '%', ',', 'xfor=203.0.113.9'],
    ],
  })) {
    it(`says of ${addresses.length} addresses that they are ${problem}`, () => {
      for (const address of addresses) {
        assert.deepEqual(addressGroups(address), { groups: [], problem }, address);
      }
    });
  }

  it('says nothing of an address that was not given', () => {
    for (const none of [undefined, '', ' ', '\u200b']) assert.equal(addressGroups(none), undefined);
  });

  it('never throws, and gives groups or says why there are none', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^[0-9a-f:.%[\]"=;,/ ]+$/)),
        (text) => {
          const read = addressGroups(text);
          assert.ok(read === undefined || read.groups.length > 0 !== (read.problem !== undefined));
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('the notices of addresses that cannot be counted', () => {
  const NOW = 1_764_000_000_000;
  const HOUR = 3_600_000;

  function watch(update: (update: Update, signal?: AbortSignal) => Promise<Item> = async () => ({})) {
    const lines: unknown[] = [];
    const counted: string[] = [];
    const updates: Update[] = [];
    const log = {
      info: () => assert.fail('nothing to say'),
      warn: (...line: unknown[]) => void lines.push(line),
      error: (message: string, _error: unknown, fields?: object) => void lines.push([message, fields]),
    };
    const table = {
      update: (one: Update, signal?: AbortSignal) => {
        updates.push(one);
        return update(one, signal);
      },
    };
    const metrics = { addressUnusable: (problem: string) => void counted.push(problem) };
    return { notices: new AddressNotices({ table, log, metrics }), lines, counted, updates };
  }

  it('count each, log once a process, and are written once an hour, by platform; an address that counts makes none', async () => {
    const { notices, lines, counted, updates } = watch();
    for (const at of [NOW, NOW + 1, NOW + HOUR - 1, NOW + HOUR]) await notices.look('logto', '10.0.0.7', at);
    await notices.look('direct', 'unknown', NOW);
    for (const address of ['203.0.113.9', undefined, ''])
      await notices.look('logto', address, NOW + 2 * HOUR);
    assert.deepEqual(counted, ['private', 'private', 'private', 'private', 'unparseable']);
    assert.deepEqual(lines, [
      ['address unusable', { platform: 'logto', reason: 'private' }],
      ['address unusable', { platform: 'direct', reason: 'unparseable' }],
    ]);
    const written = updates.map(({ names, values }) => [names['#platform'], values[':notice']?.S]);
    assert.deepEqual(written, [
      ['logto', `private ${NOW / 1000}`],
      ['logto', `private ${(NOW + HOUR) / 1000}`],
      ['direct', `unparseable ${NOW / 1000}`],
    ]);
    assert.doesNotMatch(JSON.stringify([lines, updates]), /10\.0\.0\.7/);
  });

  it('hold no message up past its deadline while the table hangs, and say so', async () => {
    const { notices, lines } = watch(
      (_, signal) =>
        new Promise((_resolve, reject) =>
          signal?.addEventListener('abort', () => reject(signal.reason), { once: true }),
        ),
    );
    await notices.look('logto', '10.0.0.7', Date.now(), Date.now());
    assert.deepEqual(lines, [
      ['address unusable', { platform: 'logto', reason: 'private' }],
      ['address notice not written', { platform: 'logto' }],
    ]);
  });

  it('are read for a day', () => {
    const item = {
      pk: { S: 'notice#addresses' },
      expiresAt: { N: '1764086400' },
      logto: { S: `private ${NOW / 1000 - 86_399}` },
      direct: { S: `unparseable ${NOW / 1000 - 86_400}` },
      queue: { S: 'something else' },
    };
    assert.deepEqual(readAddressNotices(item, NOW), [
      { platform: 'logto', problem: 'private', seenAt: NOW / 1000 - 86_399 },
    ]);
    assert.deepEqual(readAddressNotices(undefined, NOW), []);
  });
});

it('keyedHash depends on the key, the kind and every part, and shows none of them', () => {
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
