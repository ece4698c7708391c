import { MAX_WRONG_ANSWERS } from './code.ts';
import { CUSTOM_CHALLENGE, type DefineEvent } from './events.ts';

/** What Cognito is told to do next. */
const FAIL = { issueTokens: false, failAuthentication: true };
const ISSUE = { issueTokens: true, failAuthentication: false };
const ASK = { challengeName: CUSTOM_CHALLENGE, issueTokens: false, failAuthentication: false };

/**
 * Cognito's steps that may come before the code, in this order. The iOS SDK opens every sign-in with `SRP_A`, which proves
 * nothing; after `PASSWORD_VERIFIER` the code is a second factor.
 */
const BEFORE_THE_CODE = ['SRP_A', 'PASSWORD_VERIFIER'];

/**
 * Says what comes next: a code; tokens after the right one; the end after three wrong ones, after a step of Cognito's that failed, and
 * after any other challenge. An unknown user is led the same way, and never gets tokens.
 */
export function defineChallenge({ request }: DefineEvent) {
  const session = request.session ?? [];
  const first = session.findIndex(({ challengeName }) => challengeName === CUSTOM_CHALLENGE);
  const before = first < 0 ? session : session.slice(0, first);
  const codes = session.slice(before.length);
  const passed = before.every(
    ({ challengeName, challengeResult }, index) =>
      challengeName === BEFORE_THE_CODE[index] && challengeResult === true,
  );
  if (!passed || codes.some(({ challengeName }) => challengeName !== CUSTOM_CHALLENGE)) {
    return FAIL;
  }
  const wrong = codes.filter(({ challengeResult }) => challengeResult !== true).length;
  if (wrong >= MAX_WRONG_ANSWERS) {
    return FAIL;
  }
  if (codes.at(-1)?.challengeResult === true) {
    return request.userNotFound === true ? FAIL : ISSUE;
  }
  return ASK;
}
