/** KMS on loopback, for the unmodified AWS SDK. */
export { type Kms, type KmsFailure, type KmsOptions, startKms } from './server.ts';
