import { cognitoEvent, hookEvent, queueEvent } from './events.ts';
import type { World } from './world.ts';

/** Something that is measured. */
export interface Subject {
  readonly id: string;
  /** What the tables call it. */
  readonly title: string;
  /** Name of its artifact. */
  readonly artifact: string;
  /** Whether our guard is on. */
  readonly guard?: boolean;
  /** An event that nobody has seen before. */
  event(world: World): object | Promise<object>;
  /** One event for several messages, where the subject takes such. */
  batch?(size: number): object;
  /** Whether this answer says that the message was sent. */
  sent(answer: unknown): boolean;
}

const http = {
  event: () => hookEvent(),
  sent: (answer: unknown) => (answer as { statusCode?: number } | null)?.statusCode === 200,
};

const cognito = {
  event: ({ kmsUrl }: World) => cognitoEvent(kmsUrl),
  sent: (answer: unknown) => answer === null, // Cognito looks at no answer: a function that sent nothing throws
};

/** What answers an HTTP request: floor, peers, ours. The order is that of the tables. */
export const HTTP_SUBJECTS = [
  { id: 'floor', title: 'floor: one request by node:https', artifact: 'peers/floor', ...http },
  { id: 'logto', title: 'peer 1: @logto/connector-smsaero', artifact: 'peers/logto-connector', ...http },
  { id: 'axios', title: 'peer 2: axios, as the vendor sends', artifact: 'peers/axios', ...http },
  { id: 'usual', title: 'peer 3: the usual stack', artifact: 'peers/usual-stack', ...http },
  { id: 'bare', title: 'sms-hook, guard off', artifact: 'sms-hook', ...http },
  { id: 'ours', title: 'sms-hook, everything on', artifact: 'sms-hook', guard: true, ...http },
] as const satisfies readonly Subject[];

/** What Cognito invokes. */
export const COGNITO_SUBJECTS = [
  { id: 'sample', title: "AWS's sample for Cognito", artifact: 'peers/cognito-sample', ...cognito },
  {
    id: 'sender',
    title: 'cognito-sms-sender, everything on',
    artifact: 'cognito-sms-sender',
    guard: true,
    ...cognito,
  },
] as const satisfies readonly Subject[];

const queue = {
  event: () => queueEvent(1),
  batch: queueEvent,
  sent: (answer: unknown) =>
    (answer as { batchItemFailures?: unknown[] } | null)?.batchItemFailures?.length === 0,
};

/** What SQS invokes. */
export const QUEUE_SUBJECTS = [
  { id: 'queue', title: 'sms-queue, everything on', artifact: 'sms-queue', guard: true, ...queue },
] as const satisfies readonly Subject[];

/** Peers to be bundled. */
export const PEERS = ['floor', 'logto-connector', 'axios', 'usual-stack', 'cognito-sample'];
