/** KMS on loopback, for the unmodified AWS SDK. */
export { type Kms, type KmsOptions, startKms } from './server.ts';
