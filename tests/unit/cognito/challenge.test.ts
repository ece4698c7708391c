import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  CODE_LIFETIME,
  codeFromText,
  codeToText,
  isAnswer,
  newCode,
} from '../../../lib/cognito/challenge/code.ts';
import { shownPhone } from '../../../lib/cognito/challenge/decoy.ts';
import { defineChallenge } from '../../../lib/cognito/challenge/define.ts';
import { defineEventSchema } from '../../../lib/cognito/challenge/events.ts';
import { defineEvent } from '../../support/cognito.ts';

const NOW = 1_795_447_881_500;

describe('a code', () => {
  it('has six digits, each of them any of ten', () => {
    const seen = Array.from({ length: 6 }, () => new Set<string>());
    for (let index = 0; index < 2_000; index += 1) {
      const { digits } = newCode(NOW);
      assert.match(digits, /^\d{6}$/);
      for (const [place, digit] of Array.from(digits).entries()) seen[place]?.add(digit);
    }
    assert.ok(seen.every(({ size }) => size === 10));
  });

  it('is read from its text, and from nothing else', () => {
    const code = { digits: '048291', expiresAt: NOW };
    assert.deepEqual(codeFromText(codeToText(code)), code);
    for (const text of [
      undefined,
      null,
      '',
      '048291',
      'CODE-48291-1795447881500',
      'CODE-048291-',
      ' CODE-048291-1795447881500',
    ]) {
      assert.equal(codeFromText(text), undefined);
    }
  });

  it('is answered by itself, spaces aside, until it expires', () => {
    const code = newCode(NOW);
    assert.ok(isAnswer(code.digits, code, NOW));
    assert.ok(
      isAnswer(` ${code.digits.slice(0, 3)} ${code.digits.slice(3)}\n`, code, NOW + CODE_LIFETIME - 1),
    );
    assert.ok(!isAnswer(code.digits, code, NOW + CODE_LIFETIME));
  });

  it('is answered by nothing else', () => {
    const code = { digits: '482913', expiresAt: NOW + 1 };
    fc.assert(
      fc.property(
        fc.oneof(fc.anything(), fc.string(), fc.constantFrom('48291', '4829130', '', 482913)),
        (answer) => {
          fc.pre(typeof answer !== 'string' || answer.replace(/\s/g, '') !== '482913');
          assert.equal(isAnswer(answer, code, NOW), false);
        },
      ),
    );
  });
});

describe('defineChallenge', () => {
  const define = (results: readonly boolean[], extra: object = {}, name = 'CUSTOM_CHALLENGE') => {
    const session = results.map((challengeResult) => ({ challengeName: name, challengeResult }));
    return defineChallenge(defineEventSchema.parse(defineEvent({ session, ...extra })));
  };
  const ASK = { challengeName: 'CUSTOM_CHALLENGE', issueTokens: false, failAuthentication: false };
  const ISSUE = { issueTokens: true, failAuthentication: false };
  const FAIL = { issueTokens: false, failAuthentication: true };

  it('asks, and gives tokens after the right answer, also after wrong ones', () => {
    assert.deepEqual(define([]), ASK);
    assert.deepEqual(define([true]), ISSUE);
    assert.deepEqual(define([false]), ASK);
    assert.deepEqual(define([false, false]), ASK);
    assert.deepEqual(define([false, false, true]), ISSUE);
  });

  it('fails after three wrong answers', () => {
    assert.deepEqual(define([false, false, false]), FAIL);
    assert.deepEqual(define([false, false, false, false]), FAIL);
  });

  it('leads an unknown user the same way, never to tokens', () => {
    assert.deepEqual(define([], { userNotFound: true }), ASK);
    assert.deepEqual(define([false, false], { userNotFound: true }), ASK);
    assert.deepEqual(define([false, false, false], { userNotFound: true }), FAIL);
    assert.deepEqual(define([true], { userNotFound: true }), FAIL);
  });

  it('does not take another challenge for its own', () => {
    assert.deepEqual(define([true], {}, 'PASSWORD_VERIFIER'), FAIL);
    assert.deepEqual(define([true], {}, 'SRP_A'), FAIL);
  });

  it('gives tokens for no session but one that ends with a right answer, after two wrong ones at most', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 5 }), fc.boolean(), (results, userNotFound) => {
        const { issueTokens } = define(results, { userNotFound });
        const wrong = results.filter((right) => !right).length;
        assert.equal(issueTokens, results.at(-1) === true && wrong < 3 && !userNotFound);
      }),
    );
  });
});

describe('shownPhone', () => {
  it('shows two digits: of the phone, of a name that is one, or made up and always the same', () => {
    assert.equal(shownPhone('+79031234567', 'anna', 'key'), '•••••••••67');
    assert.equal(shownPhone(undefined, '+79161234589', 'key'), '•••••••••89');
    const made = shownPhone(undefined, 'nobody', 'key');
    assert.match(made, /^•{9}\d\d$/);
    assert.equal(shownPhone(undefined, 'nobody', 'key'), made);
    const others = new Set(
      Array.from({ length: 50 }, (_, index) => shownPhone(undefined, `nobody-${index}`, 'key')),
    );
    assert.ok(others.size > 20);
  });
});
