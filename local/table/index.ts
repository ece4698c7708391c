/** DynamoDB on loopback, for the unmodified AWS SDK. */
export { startTable, type TableCall, type TableFailure, type TableStandIn } from './server.ts';
