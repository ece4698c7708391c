import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import { Gates } from '../../../lib/smsaero/gates.ts';

const [ORG, NET, RU] = [
  'https://gate.smsaero.org/v2',
  'https://gate.smsaero.net/v2',
  'https://gate.smsaero.ru/v2',
];

describe('Gates', () => {
  let gates: Gates;
  beforeEach(() => {
    mock.timers.enable({ apis: ['Date'], now: 1_700_000_000_000 });
    gates = new Gates([ORG, NET, RU]);
  });
  afterEach(() => mock.timers.reset());

  it('come as configured', () => {
    assert.deepEqual(gates.inOrder(), [ORG, NET, RU]);
  });

  it('that could not be reached come last for a minute', () => {
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
