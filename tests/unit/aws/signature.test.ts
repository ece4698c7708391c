import assert from 'node:assert/strict';
import { createHash, createHmac } from 'node:crypto';
import { it } from 'node:test';
import { SignatureV4 } from '@smithy/signature-v4';
import fc from 'fast-check';
import { sign } from '../../../infra/bundle/aws/signature.ts';

type SourceData = string | ArrayBuffer | ArrayBufferView;

/** The hash that AWS's own signer is given. */
class Sha256 {
  readonly #hash;

  constructor(secret?: SourceData) {
    this.#hash = secret ? createHmac('sha256', Buffer.from(secret as Uint8Array)) : createHash('sha256');
  }

  update(data: SourceData): void {
    this.#hash.update(typeof data === 'string' ? data : Buffer.from(data as Uint8Array));
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }

  reset(): void {}
}

interface Case {
  readonly body: string;
  readonly target: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string | undefined;
  readonly service: string;
  readonly region: string;
  readonly now: Date;
}

const printable = (minLength: number) => fc.stringMatching(new RegExp(`^[ -~]{${minLength},40}$`));

it("a signature is that of AWS's own signer, for any body, key, time and region", async () => {
  const request = fc.record({
    body: fc.string({ unit: 'grapheme' }),
    target: printable(1),
    accessKeyId: fc.stringMatching(/^[A-Z0-9]{16,20}$/),
    secretAccessKey: printable(1),
    sessionToken: fc.option(fc.stringMatching(/^[A-Za-z0-9+/=]{1,200}$/), { nil: undefined }),
    service: fc.constantFrom('ssm', 'dynamodb', 'kms'),
    region: fc.constantFrom('eu-central-1', 'us-gov-west-1', 'cn-north-1'),
    now: fc.date({ min: new Date('2020-01-01'), max: new Date('2099-12-31'), noInvalidDate: true }),
  });
  const check = async ({ body, target, service, region, now, ...keys }: Case) => {
    const headers = {
      host: `${service}.${region}.amazonaws.com`,
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': target,
      'amz-sdk-request': 'attempt=1; max=3',
    };
    const { sessionToken, ...pair } = keys;
    const signer = new SignatureV4({
      credentials: sessionToken === undefined ? pair : { ...pair, sessionToken },
      region,
      service,
      sha256: Sha256,
      applyChecksum: false,
    });
    const expected = await signer.sign(
      { method: 'POST', protocol: 'https:', hostname: headers.host, path: '/', headers, body },
      { signingDate: now },
    );
    assert.deepEqual(sign({ headers, body }, { region, service }, keys, now), expected.headers);
  };
  await fc.assert(fc.asyncProperty(request, check), { numRuns: 300 });
});
