import { type AwsJsonServer, startAwsJson } from '../aws-json.ts';
import type { Address } from '../loopback.ts';
import { Keys } from './keys.ts';
import { operations } from './operations.ts';

/** How the stand-in is started. */
export interface KmsOptions extends Address {
  /** ARNs of keys that exist at first, each with a UUID at its end. */
  keys?: readonly string[];
}

/** A running stand-in. */
export interface Kms extends AwsJsonServer {
  /** Makes a symmetric key; gives its ARN, in `eu-central-1` unless told another one. */
  createKey(arn?: string): string;
  /** Refuses the caller these operations with a key, all of them if none is named, until `allow`. */
  deny(arn: string, ...operations: string[]): void;
  /** Ends `deny` and `disable`. */
  allow(arn: string): void;
  /** Disables a key: `DisabledException`. */
  disable(arn: string): void;
  /** Removes a key: `NotFoundException`. */
  deleteKey(arn: string): void;
}

/**
 * Starts KMS (AWS Key Management Service, JSON 1.1) for the real `@aws-sdk/client-kms` with an `endpoint` or
 * `AWS_ENDPOINT_URL_KMS`. It encrypts in earnest; its keys live as long as the process.
 * @throws AwsError for an ARN that is no key's; the system's error when the port is in use.
 */
export async function startKms(options: KmsOptions = {}): Promise<Kms> {
  const keys = new Keys();
  for (const arn of options.keys ?? []) keys.create(arn);
  const server = await startAwsJson({
    ...options,
    service: 'kms',
    target: 'TrentService',
    serverError: 'KMSInternalException',
    resource: (input) => String(input['KeyId'] ?? '*'),
    run: (operation, input, region) => operations.get(operation)?.({ keys, region }, input),
  });
  return {
    ...server,
    createKey: (arn) => keys.create(arn).arn,
    deny(arn, ...denied) {
      for (const operation of denied.length > 0 ? denied : ['*']) keys.get(arn).denied.add(operation);
    },
    allow(arn) {
      const key = keys.get(arn);
      key.denied.clear();
      key.enabled = true;
    },
    disable(arn) {
      keys.get(arn).enabled = false;
    },
    deleteKey: (arn) => void keys.delete(arn),
  };
}
