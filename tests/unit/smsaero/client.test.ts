import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import fc from 'fast-check';
import { telegramCodeOf } from '../../../lib/smsaero/client.ts';
import { connectTimeMs, Gates } from '../../../lib/smsaero/gate-caller.ts';

const [ORG, NET, RU] = ['https://org.example/v2', 'https://net.example/v2', 'https://ru.example/v2'];

describe('Gates', () => {
  let gates: Gates;
  beforeEach(() => {
    mock.timers.enable({ apis: ['Date'], now: 1_700_000_000_000 });
    gates = new Gates([ORG, NET, RU]);
  });
  afterEach(() => mock.timers.reset());

  it('that could not be reached come last for a minute', () => {
    assert.deepEqual(gates.inOrder(), [ORG, NET, RU]);
    gates.unreachable(ORG);
    assert.deepEqual(gates.inOrder(), [NET, RU, ORG]);
    mock.timers.tick(59_999);
    assert.deepEqual(gates.inOrder(), [NET, RU, ORG]);
    mock.timers.tick(1);
    assert.deepEqual(gates.inOrder(), [ORG, NET, RU]);
  });

  it('rest a minute from the last failure', () => {
    gates.unreachable(NET);
    mock.timers.tick(30_000);
    gates.unreachable(NET);
    mock.timers.tick(59_999);
    assert.deepEqual(gates.inOrder(), [ORG, RU, NET]);
  });

  it('keep their order among themselves while all rest', () => {
    for (const gate of [RU, ORG, NET]) gates.unreachable(gate);
    assert.deepEqual(gates.inOrder(), [ORG, NET, RU]);
  });

  it('rest no longer once they are reached', () => {
    gates.unreachable(ORG);
    gates.unreachable(NET);
    gates.reached(NET);
    assert.deepEqual(gates.inOrder(), [NET, RU, ORG]);
  });
});

/** Times of gates that are all dead, one after the other. */
function times(left: number, gates: number): number[] {
  const all: number[] = [];
  for (let rest = left, tried = 0; tried < gates && rest > 200; tried += 1) {
    const time = connectTimeMs(rest, gates - tried);
    all.push(time);
    rest -= time;
  }
  return all;
}

describe('the time to connect to a gate', () => {
  it('is a share of what is left, and 700 ms where there is as much', () => {
    assert.deepEqual(times(2_000, 3), [700, 700, 400]);
    assert.deepEqual(times(10_000, 3), [3_266, 3_267, 3_267]);
    assert.deepEqual(times(8_000, 3), [2_600, 2_600, 2_600]);
    assert.deepEqual(times(2_000, 1), [1_800]);
    assert.deepEqual(times(1_000, 3), [700, 100]);
    assert.deepEqual(times(500, 3), [300]);
  });

  it('leaves 200 ms for an answer, and never takes less for a later gate than it could', () => {
    fc.assert(
      fc.property(fc.integer({ min: 201, max: 25_000 }), fc.integer({ min: 1, max: 6 }), (left, gates) => {
        const all = times(left, gates);
        const sum = all.reduce((one, other) => one + other, 0);
        assert.ok(sum <= left - 200);
        if (left >= 200 + 700 * gates) {
          assert.equal(all.length, gates);
          assert.ok(Math.min(...all) >= 700);
          assert.ok(Math.max(...all) - Math.min(...all) <= gates, 'equal parts');
        }
      }),
    );
  });
});

it('a code for Telegram has 4 to 8 digits, and is shown as it came', () => {
  assert.deepEqual(['1000', '482913', '99999999'].map(telegramCodeOf), [1000, 482_913, 99_999_999]);
  const words = '0123 012345 000000 123 123456789 4829a +4829 1e5 0x1F40 48.2 ４８２９１３ ٤٨٢٩١٣ P@ssw0rd';
  const odd = ['', ' 4829', '4829\n', '48 29', 482_913, null, undefined, {}, ['4829']];
  for (const code of [...words.split(' '), ...odd]) {
    assert.equal(telegramCodeOf(code), undefined, JSON.stringify(code));
  }
  const text = fc.oneof(fc.string(), fc.stringMatching(/^\d{1,10}$/));
  fc.assert(fc.property(text, (code) => [undefined, code].includes(telegramCodeOf(code)?.toString())));
});
