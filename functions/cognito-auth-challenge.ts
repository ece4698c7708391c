/**
 * Sign-in by SMS code in Cognito: Define, Create and Verify Auth Challenge in one function, told apart by the trigger source.
 *
 * Cognito invokes it synchronously, waits 5 seconds and calls up to three times; the text of an error reaches the person.
 */
import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import { triggerDoor } from '../lib/async-door.ts';
import { createChallenge } from '../lib/cognito/challenge/create.ts';
import { defineChallenge } from '../lib/cognito/challenge/define.ts';
import { challengeEventSchema } from '../lib/cognito/challenge/events.ts';
import { SharedCodes } from '../lib/cognito/challenge/shared-codes.ts';
import { verifyAnswer } from '../lib/cognito/challenge/verify.ts';
import { WrongAnswers } from '../lib/cognito/challenge/wrong-answers.ts';
import { startService } from '../lib/service.ts';

const { environment, table, ...service } = await startService(process.env);
const { answerTime } = environment.challenge;
const memory = table && {
  codes: new SharedCodes(table),
  answers: new WrongAnswers(table, environment.challenge),
};

export const handler = middy({ timeoutEarlyInMillis: 0 })
  .use(triggerDoor(service.log))
  .handler(async (event: unknown, context: Context): Promise<object> => {
    if (!memory) throw new Error('SMSAERO_TABLE is missing: nothing would limit guesses at a code');
    const options = { ...service, ...memory, answerTime, countries: environment.countries };
    const challenge = challengeEventSchema.parse(event);
    const respond = (response: object) => ({ ...(event as object), response });
    switch (challenge.triggerSource) {
      case 'DefineAuthChallenge_Authentication':
        return respond(defineChallenge(challenge));
      case 'CreateAuthChallenge_Authentication': {
        const remaining = context.getRemainingTimeInMillis() - 500; // for the code to be returned
        const deadline = Date.now() + Math.min(environment.deadline, remaining);
        return respond(await createChallenge(options, challenge, deadline));
      }
      default:
        return respond(await verifyAnswer(options, challenge, Date.now()));
    }
  });
