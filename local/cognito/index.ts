/** Amazon Cognito as its triggers see it: encrypted codes, events, and a pool's custom authentication flow. */

export type { AuthResult, Conversation, PoolOptions, TriggerCall } from './conversation.ts';
export { type EncryptOptions, encryptCode, type Suite } from './encrypt.ts';
export {
  ATTRIBUTES,
  type ChallengeEventOptions,
  type ChallengeResult,
  CLIENT_ID,
  createEvent,
  defineEvent,
  POOL_ID,
  type SenderEventOptions,
  type StringMap,
  senderEvent,
  USER_NAME,
  type VerifyEventOptions,
  verifyEvent,
} from './events.ts';
export { createPool, type Pool } from './pool.ts';
export { LOCAL_KEY_ARN, startUserPool, type UserPool, type UserPoolOptions } from './server.ts';
export { CognitoError, type Trigger } from './trigger.ts';
