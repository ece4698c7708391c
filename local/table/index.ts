/** DynamoDB on loopback, for the unmodified AWS SDK. */
export type { TableCall, TableFailure } from './failure.ts';
export { startTable, type TableOptions, type TableStandIn } from './server.ts';
export type { StreamOptions, TableStream } from './stream.ts';
