/**
 * Sign-in by SMS code in Cognito: Define, Create and Verify Auth Challenge in one function, told apart by the trigger source.
 *
 * Cognito invokes it synchronously, waits 5 seconds and calls up to three times; the text of an error reaches the person.
 */
import { createChallenge } from '../lib/cognito/challenge/create.ts';
import { defineChallenge } from '../lib/cognito/challenge/define.ts';
import { type ChallengeEvent, challengeEventSchema } from '../lib/cognito/challenge/events.ts';
import { SharedCodes } from '../lib/cognito/challenge/shared-codes.ts';
import { verifyAnswer } from '../lib/cognito/challenge/verify.ts';
import { WrongAnswers } from '../lib/cognito/challenge/wrong-answers.ts';
import { triggerHandler } from '../lib/handler.ts';
import { startService } from '../lib/services/sending.ts';

const { environment, table, ...service } = await startService(process.env);
const { challenge: limits, deadline: timeoutMs } = environment;
const memory = table && { codes: new SharedCodes(table), answers: new WrongAnswers(table, limits) };

export const handler = triggerHandler(
  { log: service.log, timeoutMs },
  async (event: ChallengeEvent, { deadline }) => {
    if (!memory) throw new Error('SMSAERO_TABLE is missing: nothing would limit guesses at a code');
    const { countries } = environment;
    const options = { ...service, ...memory, answerTime: limits.answerTime, countries };
    const challenge = challengeEventSchema.parse(event);
    switch (challenge.triggerSource) {
      case 'DefineAuthChallenge_Authentication':
        return { ...event, response: defineChallenge(challenge) };
      case 'CreateAuthChallenge_Authentication':
        return { ...event, response: await createChallenge(options, challenge, deadline) };
      default:
        return { ...event, response: await verifyAnswer(options, challenge, Date.now()) };
    }
  },
);
