import { CUSTOM_CHALLENGE, type DefineEvent } from './events.ts';

/** Wrong answers that end a sign-in. Three sign-ins at most share a code, so it is guessed with a probability of 9 in a million. */
const MAX_WRONG_ANSWERS = 3;

/** What Cognito is told to do next. */
export interface DefineResponse {
  readonly challengeName?: string;
  readonly issueTokens: boolean;
  readonly failAuthentication: boolean;
}

const FAIL: DefineResponse = { issueTokens: false, failAuthentication: true };
const ISSUE: DefineResponse = { issueTokens: true, failAuthentication: false };
const ASK: DefineResponse = {
  challengeName: CUSTOM_CHALLENGE,
  issueTokens: false,
  failAuthentication: false,
};

/**
 * Says what comes next: a code; tokens after the right one; the end after three wrong ones, or after a challenge that is not ours.
 * An unknown user is led the same way, and never gets tokens.
 */
export function defineChallenge({ request }: DefineEvent): DefineResponse {
  const answered = request.session ?? [];
  if (answered.some(({ challengeName }) => challengeName !== CUSTOM_CHALLENGE)) {
    return FAIL;
  }
  const wrong = answered.filter(({ challengeResult }) => challengeResult !== true).length;
  if (wrong >= MAX_WRONG_ANSWERS) {
    return FAIL;
  }
  if (answered.at(-1)?.challengeResult === true) {
    return request.userNotFound === true ? FAIL : ISSUE;
  }
  return ASK;
}
