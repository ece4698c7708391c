/** Stands in the bundle for the part of `@aws-sdk/client-kms` that decrypts. */
import { type ClientOptions, JsonClient } from './client.ts';

interface DecryptInput {
  readonly CiphertextBlob: Uint8Array;
}

/** KMS. */
export class KMS extends JsonClient {
  /** The keyring makes sure that there is a region. */
  readonly config: { readonly region: string | undefined };

  constructor(options: ClientOptions = {}) {
    super({ name: 'kms', target: 'TrentService', version: '1.1' }, options);
    this.config = { region: options.region };
  }

  /** https://docs.aws.amazon.com/kms/latest/APIReference/API_Decrypt.html */
  async decrypt(input: DecryptInput): Promise<Record<string, unknown>> {
    const blob = Buffer.from(input.CiphertextBlob).toString('base64');
    const output = await this.call('Decrypt', { ...input, CiphertextBlob: blob });
    return { ...output, Plaintext: new Uint8Array(Buffer.from(String(output['Plaintext']), 'base64')) };
  }
}
