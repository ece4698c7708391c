import { codeFromText, isAnswer } from './code.ts';
import type { VerifyEvent } from './events.ts';

/** What Cognito is told of an answer. */
export interface VerifyResponse {
  readonly answerCorrect: boolean;
}

/** Whether the answer is the code that was sent, and in time. */
export function verifyAnswer({ request }: VerifyEvent, now: number): VerifyResponse {
  const text = request.privateChallengeParameters?.['code'];
  const code = codeFromText(typeof text === 'string' ? text : undefined);
  const right = code !== undefined && isAnswer(request.challengeAnswer, code, now);
  return { answerCorrect: right && request.userNotFound !== true };
}
