import { buildDecrypt } from '@aws-crypto/decrypt-node';
import { KMS, KmsKeyringNode, type KmsKeyringNodeInput } from '@aws-crypto/kms-keyring-node';
import { CommitmentPolicy } from '@aws-crypto/material-management-node';
import { orAbort, timeoutSignal } from '../abort.ts';
import { AwsClient, environmentSettings } from '../aws-client.ts';
import { ServiceError } from '../errors.ts';

/** The longest ciphertext that is tried, in characters of base64; a real one has about 900. */
const MAX_CIPHERTEXT = 16_384;

/** KMS answers in about 10 ms. The keyring calls it, so that its retries are the SDK's. */
const TIMES = { connectMs: 500, attemptMs: 1_000, firstPauseMs: 0, longestPauseMs: 0 };
const ATTEMPTS = 3;

/** Time for KMS, retries included, in ms: the SDK itself would wait as long as the function lives. */
const DECRYPT_TIMEOUT_MS = 5_000;

/** The SDK's client as the keyring's types have it: they know no optional field that is undefined. */
type KeyringClient = Exclude<ReturnType<NonNullable<KmsKeyringNodeInput['clientProvider']>>, false>;

/** A code could not be decrypted. The message says what to check; it holds nothing of the ciphertext. */
export class CodeDecryptionError extends ServiceError {
  override readonly name = 'CodeDecryptionError';
  readonly code: 'another_key' | 'kms_refused' | 'another_pool' | 'no_ciphertext';

  constructor(code: CodeDecryptionError['code'], message: string) {
    super(message);
    this.code = code;
  }
}

/** Decrypts a code of Cognito's: {@link createCodeDecryption}. @throws CodeDecryptionError */
export type DecryptCode = ReturnType<typeof createCodeDecryption>;

/**
 * Makes the decryption of Cognito's codes: of messages of the AWS Encryption SDK in base64. The pool of the event must be the one in the
 * message's encryption context, if one is there.
 *
 * Cognito encrypts under suite 0x0378, which does not commit to its key. The Encryption SDK's default refuses that, so the policy is
 * REQUIRE_ENCRYPT_ALLOW_DECRYPT, as in AWS's samples.
 *
 * @param keyArn ARN of the KMS key in the pool's `KMSKeyID`; an alias does not match what is in the message
 * @returns a function that throws CodeDecryptionError
 */
export function createCodeDecryption(keyArn: string) {
  const { decrypt } = buildDecrypt(CommitmentPolicy.REQUIRE_ENCRYPT_ALLOW_DECRYPT);
  const [, , , region = ''] = keyArn.split(':');
  const kms = new AwsClient(
    TIMES,
    (settings) => new KMS({ ...environmentSettings('KMS'), ...settings, maxAttempts: ATTEMPTS, region }),
  );
  const client = kms.client as KeyringClient;
  const keyring = new KmsKeyringNode({ keyIds: [keyArn], clientProvider: () => client });
  return async (ciphertext: string, userPoolId: string): Promise<string> => {
    if (ciphertext.length > MAX_CIPHERTEXT || !/^[A-Za-z0-9+/]+={0,2}$/.test(ciphertext)) {
      throw noCiphertext();
    }
    kms.closeIdle();
    const { plaintext, messageHeader } = await orAbort(
      decrypt(keyring, ciphertext, { encoding: 'base64' }),
      timeoutSignal(DECRYPT_TIMEOUT_MS),
    ).catch((error: unknown) => {
      throw explain(error);
    });
    const pool = messageHeader.encryptionContext['userpool-id'];
    if (pool !== undefined && pool !== userPoolId) {
      throw new CodeDecryptionError(
        'another_pool',
        'The code was encrypted for another user pool than the one that the event names',
      );
    }
    return plaintext.toString('utf8');
  };
}

/** The SDK has no error classes: what went wrong is in the words, and a wrong key in misleading ones. */
function explain(error: unknown): CodeDecryptionError {
  const words = error instanceof Error ? error.message : '';
  if (words.includes('unencryptedDataKey has not been set')) {
    return new CodeDecryptionError(
      'another_key',
      'The code was encrypted with another KMS key. Check that SMSAERO_COGNITO_KEY_ARN is the ARN (no alias) of the key that the pool has as its KMSKeyID',
    );
  }
  const late = error instanceof Error && error.name === 'TimeoutError';
  if (late || words.includes('Unable to decrypt data key')) {
    const name = late ? 'TimeoutError' : (/\b[A-Z]\w+(?:Exception|Error)\b/.exec(words)?.[0] ?? 'no answer');
    return new CodeDecryptionError(
      'kms_refused',
      `KMS did not decrypt the code (${name}). Check that the key in SMSAERO_COGNITO_KEY_ARN is enabled and that the role of the function may call kms:Decrypt on it for this pool`,
    );
  }
  return noCiphertext();
}

function noCiphertext(): CodeDecryptionError {
  return new CodeDecryptionError(
    'no_ciphertext',
    'The code is not a whole message of the AWS Encryption SDK: it is damaged, or the event is not from Cognito',
  );
}
