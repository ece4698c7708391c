/** EventBridge on loopback, for the unmodified AWS SDK. */
export type { Entry } from './entry.ts';
export {
  type EntryFailure,
  type Envelope,
  type EventBus,
  type EventBusOptions,
  type Rule,
  startEventBus,
} from './server.ts';
