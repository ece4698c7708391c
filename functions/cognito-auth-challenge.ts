/**
 * Sign-in by SMS code in Cognito: Define, Create and Verify Auth Challenge in one function, told apart by the trigger source.
 *
 * Cognito invokes it synchronously, waits 5 seconds and calls up to three times; the text of an error reaches the person.
 */
import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import { triggerDoor } from '../lib/async-door.ts';
import { createChallenge } from '../lib/cognito/challenge/create.ts';
import { Decoy } from '../lib/cognito/challenge/decoy.ts';
import { defineChallenge } from '../lib/cognito/challenge/define.ts';
import { challengeEventSchema } from '../lib/cognito/challenge/events.ts';
import { verifyAnswer } from '../lib/cognito/challenge/verify.ts';
import { SealedMemory } from '../lib/guard/sealed-memory.ts';
import { startService } from '../lib/service.ts';

const { environment, configuration, sendSms, table, log } = await startService(process.env);
const memory = table && new SealedMemory(table);
const decoy = new Decoy();

export const handler = middy({ timeoutEarlyInMillis: 0 })
  .use(triggerDoor(log))
  .handler(async (event: unknown, context: Context): Promise<object> => {
    const challenge = challengeEventSchema.parse(event);
    const respond = (response: object) => ({ ...(event as object), response });
    switch (challenge.triggerSource) {
      case 'DefineAuthChallenge_Authentication':
        return respond(defineChallenge(challenge));
      case 'CreateAuthChallenge_Authentication': {
        const remaining = context.getRemainingTimeInMillis() - 500; // for the code to be handed back
        const deadline = Date.now() + Math.min(environment.deadline, remaining);
        return respond(
          await createChallenge({ configuration, sendSms, memory, decoy, log }, challenge, deadline),
        );
      }
      default:
        return respond(verifyAnswer(challenge, Date.now()));
    }
  });
