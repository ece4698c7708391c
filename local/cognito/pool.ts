import { type Conversation, converse, type PoolOptions } from './conversation.ts';
import { ATTRIBUTES, type StringMap, USER_NAME } from './events.ts';
import { CognitoError } from './trigger.ts';

/** A user pool with a custom authentication flow. */
export interface Pool {
  /**
   * Starts a sign-in, as InitiateAuth with `AuthFlow: CUSTOM_AUTH`.
   * @throws CognitoError `UserLambdaValidationException` with the function's message when it throws,
   * `InvalidLambdaResponseException` when its answer is not one, `UserNotFoundException` as told by the options
   */
  initiateAuth(userName?: string, clientMetadata?: StringMap): Promise<Conversation>;
}

/**
 * Plays the custom authentication flow of a user pool (Amazon Cognito Developer Guide, "Custom authentication challenge
 * Lambda triggers"): Define, Create, the caller's answer, Verify, Define, and so on until tokens or failure.
 */
export function createPool(options: PoolOptions): Pool {
  const { users = { [USER_NAME]: ATTRIBUTES }, preventUserExistenceErrors = true } = options;
  return {
    async initiateAuth(userName = USER_NAME, clientMetadata) {
      const attributes = users[userName];
      if (!attributes && !preventUserExistenceErrors) {
        throw new CognitoError('UserNotFoundException', 'User does not exist.');
      }
      return await converse(options, userName, attributes, clientMetadata);
    },
  };
}
