import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  CODE_LIFETIME,
  codeFromText,
  codeToText,
  isAnswer,
  newCode,
  typedDigits,
} from '../../../lib/cognito/challenge/code.ts';
import { shownPhone } from '../../../lib/cognito/challenge/create.ts';
import { defineChallenge } from '../../../lib/cognito/challenge/define.ts';
import { defineEventSchema } from '../../../lib/cognito/challenge/events.ts';
import { defineEvent } from '../../support/cognito.ts';

const NOW = 1_795_447_881_500;

describe('a code', () => {
  it('has six digits, each of them any of ten', () => {
    const seen = Array.from({ length: 6 }, () => new Set<string>());
    for (let index = 0; index < 2_000; index += 1) {
      const { digits, sent } = newCode(NOW);
      assert.ok(/^\d{6}$/.test(digits) && !sent);
      for (const [place, digit] of Array.from(digits).entries()) seen[place]?.add(digit);
    }
    assert.ok(seen.every(({ size }) => size === 10));
  });

  it('is read from its text, and from nothing else', () => {
    for (const sent of [true, false]) {
      const code = { digits: '048291', expiresAt: NOW, sent };
      assert.deepEqual(codeFromText(codeToText(code)), code);
    }
    for (const text of [
      ...[undefined, null, 482913, '', '048291', 'SENT-CODE-048291-', 'CODE-048291-1795447881500'],
      ...['SENT-CODE-48291-1795447881500', ' SENT-CODE-048291-1795447881500'],
      'HELD-CODE-048291-1795447881500\n',
    ]) {
      assert.equal(codeFromText(text), undefined);
    }
  });

  it('is answered by itself until it expires, if it was sent', () => {
    const code = { ...newCode(NOW), sent: true };
    assert.ok(isAnswer(code.digits, code, NOW));
    assert.ok(isAnswer(code.digits, code, NOW + CODE_LIFETIME - 1));
    assert.ok(!isAnswer(code.digits, code, NOW + CODE_LIFETIME));
    assert.ok(!isAnswer(code.digits, { ...code, sent: false }, NOW));
  });

  it('is answered by nothing else', () => {
    const code = { digits: '482913', expiresAt: NOW + 1, sent: true };
    const other = fc.oneof(fc.anything(), fc.string(), fc.constantFrom('48291', '4829130', '', 482913));
    fc.assert(fc.property(other, (answer) => !isAnswer(typedDigits(answer), code, NOW)));
  });
});

describe('typedDigits', () => {
  it('leaves out white space, hyphens and what cannot be seen, and reads digits of any script', () => {
    for (const typed of [
      ...['482913', ' 482 913\n', '482\u00a0913', '482\u2009913', '482-913', '482\u2011913'],
      ...['482\u2013913', '482\u2212913', '\u200e482\u200b913\u2069', '482\u00ad913\ufeff'],
      ...['٤٨٢٩١٣', '४८२९१३', '４８２９１３'],
      '4\ufe0f\u20e38\ufe0f\u20e32\ufe0f\u20e39\ufe0f\u20e31\ufe0f\u20e33\ufe0f\u20e3', // keycap emoji
    ]) {
      assert.equal(typedDigits(typed), '482913', JSON.stringify(typed));
    }
  });

  it('keeps what is something else, and takes nothing of a kind or a length that is not a code', () => {
    assert.equal(typedDigits('48a913'), '48a913');
    assert.equal(typedDigits('½'), '½');
    assert.equal(typedDigits('482913'.padStart(101)), '');
    assert.equal(typedDigits('482913'.padStart(100)), '482913');
    for (const odd of [undefined, null, 482913, {}, ['482913']]) assert.equal(typedDigits(odd), '');
  });
});

describe('defineChallenge', () => {
  type Step = readonly [name: string, result: boolean | null];
  const define = (session: readonly Step[], userNotFound?: boolean) => {
    const answered = session.map(([challengeName, challengeResult]) => ({ challengeName, challengeResult }));
    const event = { ...defineEvent(), request: { session: answered, userNotFound } };
    return defineChallenge(defineEventSchema.parse(event));
  };
  const ASK = { challengeName: 'CUSTOM_CHALLENGE', issueTokens: false, failAuthentication: false };
  const ISSUE = { issueTokens: true, failAuthentication: false };
  const FAIL = { issueTokens: false, failAuthentication: true };
  const RIGHT: Step = ['CUSTOM_CHALLENGE', true];
  const WRONG: Step = ['CUSTOM_CHALLENGE', false];
  const SRP_A: Step = ['SRP_A', true];
  const PASSWORD: Step = ['PASSWORD_VERIFIER', true];

  for (const before of [[], [SRP_A], [SRP_A, PASSWORD]]) {
    it(`asks for the code after ${before.length} steps of Cognito’s, until it is right or three are wrong`, () => {
      assert.deepEqual(define(before), ASK);
      assert.deepEqual(define([...before, RIGHT]), ISSUE);
      assert.deepEqual(define([...before, WRONG, WRONG]), ASK);
      assert.deepEqual(define([...before, WRONG, WRONG, RIGHT]), ISSUE);
      assert.deepEqual(define([...before, WRONG, WRONG, WRONG]), FAIL);
    });
  }

  it('leads an unknown user the same way, never to tokens', () => {
    assert.deepEqual(define([], true), ASK);
    assert.deepEqual(define([WRONG, WRONG], true), ASK);
    assert.deepEqual(define([WRONG, WRONG, WRONG], true), FAIL);
    assert.deepEqual(define([RIGHT], true), FAIL);
  });

  /** What Cognito may have asked before the code, and then the codes; each with whether it was right. */
  const IN_ORDER = /^(SRP_A true (PASSWORD_VERIFIER true )?)?(CUSTOM_CHALLENGE (true|false) )*$/;

  it('ends with a password that is wrong, another challenge, or another order, and three wrong codes', () => {
    const before = fc.constantFrom<Step[]>([], [SRP_A], [SRP_A, PASSWORD], [PASSWORD]);
    const names = fc.constantFrom('CUSTOM_CHALLENGE', 'CUSTOM_CHALLENGE', 'SRP_A', 'PASSWORD_VERIFIER', '');
    const steps = fc.array(fc.tuple(names, fc.constantFrom(true, false, null)), { maxLength: 5 });
    fc.assert(
      fc.property(before, steps, (first, rest) => {
        const session = [...first, ...rest];
        const told = session.map(([name, result]) => `${name} ${result === true} `).join('');
        const wrong = told.match(/CUSTOM_CHALLENGE false/g) ?? [];
        const ended = !IN_ORDER.test(told) || wrong.length >= 3;
        const expected = ended ? FAIL : told.endsWith('CUSTOM_CHALLENGE true ') ? ISSUE : ASK;
        assert.deepEqual(define(session), expected, told);
      }),
      { numRuns: 3_000 },
    );
  });
});

describe('shownPhone', () => {
  const shown = (phone: string | undefined, user: string) => shownPhone(phone, user, 'key', ['RU']);

  it('shows two digits: of the phone, of a name that is one, or made up and always the same', () => {
    assert.equal(shown('+79031234567', 'anna'), '•••••••••67');
    for (const name of ['+79161234589', '79161234589', '8 916 123-45-89', '+74951234589', '+3804412389']) {
      assert.equal(shown(undefined, name), '•••••••••89');
    }
    const made = shown(undefined, 'nobody');
    assert.match(made, /^•{9}\d\d$/);
    assert.equal(shown(undefined, 'nobody'), made);
    assert.equal(shown(undefined, 'NoBody'), made, 'as the name of a user in a pool that ignores case');
    const others = new Set(Array.from({ length: 50 }, (_, index) => shown(undefined, `nobody-${index}`)));
    assert.ok(others.size > 20);
  });

  it('shows nothing of a name that is a number of another kind', () => {
    const names = Array.from({ length: 50 }, (_, index) => String(1_234_500 + index));
    const same = names.filter((name) => shown(undefined, name).endsWith(name.slice(-2)));
    assert.ok(same.length < 10, String(same.length));
  });
});
