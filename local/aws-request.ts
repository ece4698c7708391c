import { parseJson } from '../lib/json.ts';
import { AwsError } from './aws-error.ts';

/** The JSON input of an operation. */
export type Input = Readonly<Record<string, unknown>>;

/**
 * The JSON of a request's body.
 *
 * @throws AwsError `SerializationException`
 */
export function parseInput(body: Buffer): Input {
  const input = parseJson(body.toString('utf8') || '{}');
  if (input === undefined) throw new AwsError('SerializationException', 'The request is not JSON.');
  return input as Input;
}

/**
 * The region that a request is signed for: Credential=KEY/DATE/REGION/SERVICE/aws4_request. The signature itself cannot be
 * checked: the secret is not known here.
 *
 * @throws AwsError `MissingAuthenticationTokenException`, `IncompleteSignatureException`
 */
export function regionOf(authorization: string | undefined, service: string): string {
  if (!authorization)
    throw new AwsError('MissingAuthenticationTokenException', 'Missing Authentication Token');
  const [, region, signed] =
    /^AWS4-HMAC-SHA256 Credential=[^/]+\/\d{8}\/([a-z0-9-]+)\/([a-z-]+)\/aws4_request,/.exec(authorization) ??
    [];
  if (!region || signed !== service || !/SignedHeaders=[^,]+, *Signature=[0-9a-f]{64}$/.test(authorization)) {
    throw new AwsError(
      'IncompleteSignatureException',
      'The Authorization header is no signature of version 4.',
    );
  }
  return region;
}
