import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { type Code, newCode } from '../../../lib/cognito/challenge/code.ts';
import { SharedCodes } from '../../../lib/cognito/challenge/shared-codes.ts';
import { keyedHash } from '../../../lib/derived-key.ts';
import { startTable } from '../../support/table.ts';

const MINUTE = 60_000;

const standIn = await startTable('smsaero-cognito');
after(() => standIn.close());

describe('SharedCodes', () => {
  const table = () => standIn.open();
  const codes = () => new SharedCodes(table());
  const item = (name: string) => table().get(keyedHash('key')('sealed', name));
  /** A code that is told from others. */
  const code = (digits: string): Code => ({ ...newCode(Date.now()), digits });

  it('gives everybody the code of the first, also of eight at the same time', async () => {
    const shared = await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        codes().share('key', ['pool', 'anna'], code(String(100_000 + index)), MINUTE),
      ),
    );
    assert.equal(new Set(shared.map(({ digits }) => digits)).size, 1);
    assert.match(shared[0]?.digits ?? '', /^10000\d$/);
  });

  it('tells questions apart', async () => {
    assert.equal((await codes().share('key', ['a', 'b'], code('111111'), MINUTE)).digits, '111111');
    assert.equal((await codes().share('key', ['ab'], code('222222'), MINUTE)).digits, '222222');
  });

  it('survives an answer that was lost: the second try finds the code of the first', async () => {
    let lost = 0;
    standIn.choose = () => {
      lost += 1;
      return lost === 1 ? 'lost_answer' : undefined;
    };
    assert.equal((await codes().share('key', ['lost'], code('444444'), MINUTE)).digits, '444444');
    standIn.choose = undefined;
    assert.ok(lost > 1);
  });

  it('stores nothing that can be read, and nothing twice the same', async () => {
    await codes().share('key', ['x'], code('482913'), MINUTE);
    await codes().share('key', ['y'], code('482913'), MINUTE);
    const items = await standIn.items();
    const sealed = items.flatMap((item) =>
      item['sealed']?.B ? [Buffer.from(item['sealed'].B).toString('latin1')] : [],
    );
    assert.ok(sealed.length > 2);
    assert.equal(new Set(sealed).size, sealed.length);
    assert.doesNotMatch(JSON.stringify(items) + sealed.join(), /482913|CODE|anna/);
  });

  it('fails when the table does', async () => {
    standIn.choose = () => 'server_error';
    const signal = AbortSignal.timeout(100); // the table is asked until then
    await assert.rejects(codes().share('key', ['down'], code('111111'), MINUTE, signal));
    standIn.choose = undefined;
  });

  it('is kept as long as it is shared', async () => {
    const now = Date.now();
    await codes().share('key', ['kept'], code('482913'), MINUTE);
    const ends = Number((await item('kept'))?.['expiresAt']?.N) * 1_000;
    assert.ok(ends >= now + MINUTE && ends < now + 2 * MINUTE);
  });

  it('fails where what is kept is not a code, or was stored for another question', async () => {
    await codes().share('key', ['attacker'], code('111111'), MINUTE);
    const { sealed: another } = (await item('attacker')) ?? {};
    assert.ok(another);
    for (const sealed of [{ B: new Uint8Array(27) }, { B: new Uint8Array(60) }, { S: 'x' }, another]) {
      await table().update({
        key: keyedHash('key')('sealed', 'victim'),
        expression: 'SET #sealed = :sealed, #valid = :valid',
        names: { '#sealed': 'sealed', '#valid': 'validUntil' },
        values: { ':sealed': sealed, ':valid': { N: String(Date.now() + MINUTE) } },
      });
      await assert.rejects(codes().share('key', ['victim'], code('222222'), MINUTE));
    }
  });
});
