import { createHmac, createSecretKey, hash, type KeyObject } from 'node:crypto';

/** What a request is signed with. */
export interface SigningKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

/** A `POST /` whose headers are to be signed; names in lower case. */
export interface Signable {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Derived keys of a day, region and service: four hashes that need not be repeated for each request. */
const MOST_KEYS = 16;
const derived = new Map<string, KeyObject>();

/**
 * Signs a request (AWS Signature Version 4, https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html).
 * A test holds it against `@smithy/signature-v4`.
 *
 * @param request its headers are all signed, `host` among them
 * @param scope region and service (`ssm`)
 * @param now the time of the request
 * @returns the headers with `x-amz-date`, `x-amz-security-token` where there is a session, and `authorization`
 */
export function sign(
  { headers, body }: Signable,
  scope: { readonly region: string; readonly service: string },
  keys: SigningKeys,
  now: Date,
): Record<string, string> {
  const time = timeOf(now);
  const day = time.slice(0, 8);
  const all: Record<string, string> = {
    ...headers,
    'x-amz-date': time,
    ...(keys.sessionToken ? { 'x-amz-security-token': keys.sessionToken } : {}),
  };
  const names = Object.keys(all).sort();
  const signedHeaders = names.join(';');
  let lines = '';
  for (const name of names) lines += `${name}:${collapsed(all[name] ?? '')}\n`;
  const canonical = `POST\n/\n\n${lines}\n${signedHeaders}\n${hash('sha256', body)}`;
  const credentialScope = `${day}/${scope.region}/${scope.service}/aws4_request`;
  const toSign = `AWS4-HMAC-SHA256\n${time}\n${credentialScope}\n${hash('sha256', canonical)}`;
  const signature = createHmac('sha256', signingKey(keys, credentialScope)).update(toSign).digest('hex');
  all['authorization'] =
    `AWS4-HMAC-SHA256 Credential=${keys.accessKeyId}/${credentialScope}, SignedHeaders=${signedHeaders}, Signature=${signature}`;
  return all;
}

/** The second that was written last: a message makes seven calls, most of them in one. */
let last = { second: 0, text: '' };

/** `20261125T003200Z`. */
function timeOf(now: Date): string {
  const second = Math.floor(now.getTime() / 1_000);
  if (second !== last.second) {
    last = { second, text: now.toISOString().replace(/[-:]|\.\d{3}/g, '') };
  }
  return last.text;
}

/** Without spaces at the ends, and with one for several between. */
function collapsed(value: string): string {
  return IN_ORDER.test(value) ? value : value.trim().replace(/\s+/g, ' ');
}

/** Nothing but visible ASCII, or that with single spaces between: what all our values are. */
const IN_ORDER = /^[\x21-\x7e]+(?: [\x21-\x7e]+)*$/;

function signingKey({ secretAccessKey }: SigningKeys, credentialScope: string): KeyObject {
  const of = `${secretAccessKey} ${credentialScope}`;
  let key = derived.get(of);
  if (!key) {
    const hmac = (parent: Buffer | string, part: string) =>
      createHmac('sha256', parent).update(part).digest();
    const bytes = credentialScope.split('/').reduce<Buffer>(hmac, Buffer.from(`AWS4${secretAccessKey}`));
    key = createSecretKey(bytes); // from a buffer Node 24 makes one anew for each HMAC: 12 us in place of 2
    if (derived.size >= MOST_KEYS) derived.clear(); // yesterday's
    derived.set(of, key);
  }
  return key;
}
