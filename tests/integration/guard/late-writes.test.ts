import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Item, Table, type Update } from '../../../lib/dynamodb.ts';
import { type Claimant, Claims } from '../../../lib/guard/claims.ts';
import { Repeats } from '../../../lib/guard/repeats.ts';
import { type GuardUnderTest, startGuard } from '../../support/guard.ts';

const TABLE = 'smsaero-guard';
const log = { info() {}, warn() {}, error() {} };
const signal = () => AbortSignal.timeout(20_000);

let stand: GuardUnderTest;
before(async () => {
  stand = await startGuard();
});
after(() => stand.close());

const claimant = (deliveryId: string, until = Date.now() + 60_000): Claimant => ({
  deliveryId,
  fingerprint: '',
  until,
  ttlS: 3_600,
  begins: true,
});

/** A table whose take-overs wait for something, or are kept. */
class WatchedTable extends Table {
  readonly takeOvers: Update[] = [];
  beforeTakeOver: () => Promise<unknown> = async () => undefined;

  override async update(update: Update, within?: AbortSignal): Promise<Item> {
    if (update.condition?.includes(':first')) {
      this.takeOvers.push(update);
      await this.beforeTakeOver();
    }
    return super.update(update, within);
  }
}

describe('a write that reaches the table late', () => {
  it('does not make a message that was begun look as if it was not', async () => {
    const table = new WatchedTable(TABLE, 5_000);
    const claims = new Claims(table);
    const key = 'message#late';
    await claims.claim(key, claimant('first'), Date.now(), signal());
    await claims.release(key, 'first', Date.now(), signal());
    const claim = await claims.takeOver(key, 'first', claimant('second'), Date.now(), signal());
    assert.equal(claim.state, 'mine');
    assert.ok(await claims.begin(key, 'second', signal()));
    // An attempt that the client gave up, and wrote once more, arrives only now.
    const [late] = table.takeOvers;
    assert.ok(late);
    await assert.rejects(table.update(late), { name: 'ConditionFailedError' });
    assert.equal((await claims.read(key, Date.now(), signal()))?.begun, true);
  });
});

describe('a message whose process seems to be lost', () => {
  /** Claims and begins, or not, as a process that was stalled meanwhile. */
  const repeatOf = async (key: string, beginsMeanwhile: boolean) => {
    const first = new Claims(new Table(TABLE, 5_000));
    await first.claim(key, claimant('first', Date.now() - 1), Date.now(), signal());
    const table = new WatchedTable(TABLE, 5_000);
    if (beginsMeanwhile) table.beforeTakeOver = () => first.begin(key, 'first', signal());
    const repeats = new Repeats(new Claims(table), { outcomeOf: async () => undefined }, 5_000, log);
    const deadline = Date.now() + 20_000;
    return await repeats.claim(key, claimant('second'), deadline, deadline);
  };

  it('is taken over if it was not begun', async () => {
    assert.equal(await repeatOf('message#not begun', false), 'mine');
  });

  it('is not taken over if it begins after all, between the look and the take-over', async () => {
    const ownership = await repeatOf('message#begun', true);
    assert.ok(typeof ownership === 'object');
    assert.deepEqual(ownership, {
      verdict: 'duplicate',
      of: { status: 'unknown', reason: 'no_answer', deliveryId: 'first' },
    });
  });
});
