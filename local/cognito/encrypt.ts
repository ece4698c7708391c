import { buildEncrypt } from '@aws-crypto/encrypt-node';
import { KMS, KmsKeyringNode } from '@aws-crypto/kms-keyring-node';
import { AlgorithmSuiteIdentifier, CommitmentPolicy } from '@aws-crypto/material-management-node';
import { LOCAL_ENDPOINT } from '../aws-json.ts';

/**
 * Algorithm suites of the AWS Encryption SDK that a Cognito uses:
 * `0x0378` (AES-256-GCM, HKDF, ECDSA P-384; message format 1) is AWS's, `0x0578` (the same with key commitment; format 2)
 * is LocalStack's.
 */
type Suite = 0x0378 | 0x0578;

interface EncryptOptions {
  /** Of the pool's KMS key. */
  readonly keyArn: string;
  readonly kmsUrl: string;
  readonly userPoolId: string;
  /** Default: `0x0378`. */
  readonly suite?: Suite;
  /** The encryption context, instead of the suite's usual one: AWS names the pool in it, LocalStack nothing. */
  readonly context?: Readonly<Record<string, string>>;
}

type ClientProvider = NonNullable<
  NonNullable<ConstructorParameters<typeof KmsKeyringNode>[0]>['clientProvider']
>;

const committing = AlgorithmSuiteIdentifier.ALG_AES256_GCM_IV12_TAG16_HKDF_SHA512_COMMIT_KEY_ECDSA_P384;
const signing = AlgorithmSuiteIdentifier.ALG_AES256_GCM_IV12_TAG16_HKDF_SHA384_ECDSA_P384;

/**
 * Encrypts a code as Cognito does before it calls a custom sender (Amazon Cognito Developer Guide, "Custom SMS sender
 * Lambda trigger"): an AWS Encryption SDK message with one data key from KMS, the pool's id in its encryption context.
 *
 * @returns the message in base64, `AYADe...`
 * @throws the KMS client's error when the key cannot be used
 */
export async function encryptCode(
  code: string,
  { keyArn, kmsUrl, userPoolId, suite = 0x0378, context }: EncryptOptions,
): Promise<string> {
  const isCommitting = suite === 0x0578;
  const { encrypt } = buildEncrypt(
    isCommitting
      ? CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT
      : CommitmentPolicy.FORBID_ENCRYPT_ALLOW_DECRYPT,
  );
  const credentials = { accessKeyId: 'cognito', secretAccessKey: 'cognito' };
  const options = { ...LOCAL_ENDPOINT, endpoint: kmsUrl, credentials };
  const keyring = new KmsKeyringNode({
    generatorKeyId: keyArn,
    // The library's type for a client does not allow for members that are there and undefined.
    clientProvider: ((region) => new KMS({ region, ...options })) as ClientProvider,
  });
  const { result } = await encrypt(keyring, code, {
    suiteId: isCommitting ? committing : signing,
    encryptionContext: { ...(context ?? (isCommitting ? {} : { 'userpool-id': userPoolId })) },
  });
  return result.toString('base64');
}
