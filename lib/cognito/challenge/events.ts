import type {
  CreateAuthChallengeTriggerEvent,
  DefineAuthChallengeTriggerEvent,
  VerifyAuthChallengeResponseTriggerEvent,
} from 'aws-lambda';
import * as z from 'zod/mini';

/** One of the three events of sign-in by code, as Cognito sends it. */
export type ChallengeEvent =
  | DefineAuthChallengeTriggerEvent
  | CreateAuthChallengeTriggerEvent
  | VerifyAuthChallengeResponseTriggerEvent;

/** The name that Cognito gives to every challenge of ours. */
export const CUSTOM_CHALLENGE = 'CUSTOM_CHALLENGE';

const flag = z.nullish(z.boolean());
const strings = z.nullish(z.record(z.string(), z.unknown()));

const session = z.nullish(
  z.array(
    z.object({
      challengeName: z.string(),
      challengeResult: flag,
      challengeMetadata: z.nullish(z.string()),
    }),
  ),
);

const common = {
  userPoolId: z.string().check(z.minLength(1)),
  userName: z.nullish(z.string()),
};

/** Asks what comes next: a challenge, tokens, or the end. */
export const defineEventSchema = z.looseObject({
  ...common,
  triggerSource: z.literal('DefineAuthChallenge_Authentication'),
  request: z.object({ session, userNotFound: flag }),
});

/** Asks for a challenge. */
const createEventSchema = z.looseObject({
  ...common,
  triggerSource: z.literal('CreateAuthChallenge_Authentication'),
  request: z.object({
    session,
    userNotFound: flag,
    userAttributes: strings,
    clientMetadata: strings,
  }),
});

/** Asks whether an answer is right. Its name differs between Cognito's documentation and its types. */
const verifyEventSchema = z.looseObject({
  ...common,
  triggerSource: z.enum(['VerifyAuthChallengeResponse_Authentication', 'VerifyAuthChallenge_Authentication']),
  request: z.object({
    userNotFound: flag,
    userAttributes: strings,
    privateChallengeParameters: strings,
    challengeAnswer: z.nullish(z.unknown()),
  }),
});

/** What is read of the three events. Cognito sends null where its types say that a field is absent. */
export const challengeEventSchema = z.discriminatedUnion('triggerSource', [
  defineEventSchema,
  createEventSchema,
  verifyEventSchema,
]);

export type DefineEvent = z.infer<typeof defineEventSchema>;
export type CreateEvent = z.infer<typeof createEventSchema>;
export type VerifyEvent = z.infer<typeof verifyEventSchema>;
