/** What Lambda does with a function: calls it, and reads queues and streams for it. */
export { invokeFunction } from './invoke.ts';
export { pollQueue, type QueueSourceOptions } from './queue-source.ts';
export type { EventSource } from './source.ts';
export { pollStream, type StreamSourceOptions } from './stream-source.ts';
