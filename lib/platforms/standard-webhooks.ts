import { isUtf8 } from 'node:buffer';
import { randomBytes, randomUUID } from 'node:crypto';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { Webhook } from 'standardwebhooks';
import { readBody } from '../http/request.ts';
import type { SecretForm } from './platform.ts';

/**
 * How long a signed request can come again, in s: its time may lie 300 s before ours and 300 s after, both in whole seconds. A repeat must be
 * recognised for as long.
 */
export const REPLAY_WINDOW_S = 601;

/** Supabase writes the version of the signature before the key of the specification. */
const keyOf = (secret: string) => secret.replace(/^v1,/, '');

/**
 * Whether a request is signed with one of the secrets, by the rules of https://www.standardwebhooks.com: HMAC-SHA256 over its id, its time
 * and its raw body. `standardwebhooks` refuses times more than 300 s before or after ours, and compares in constant time.
 *
 * @param secrets `whsec_…`, perhaps with `v1,` before it; every one is tried
 */
export function isSignedWebhook(event: APIGatewayProxyEventV2, secrets: readonly string[]): boolean {
  const body = readBody(event);
  // The library signs the text of a body: bytes that are not UTF-8 have the same text as others.
  if (!body || !isUtf8(body)) {
    return false;
  }
  const text = body.toString('utf8');
  return secrets.map((secret) => isSignedWith(secret, text, event.headers)).includes(true);
}

function isSignedWith(secret: string, text: string, headers: APIGatewayProxyEventV2['headers']): boolean {
  try {
    new Webhook(keyOf(secret)).verify(text, headers as Record<string, string>, { jsonParse: false });
    return true;
  } catch {
    return false; // a wrong signature or time, or a secret of another form: `doctor` finds that
  }
}

/** A key of Standard Webhooks. @param prefix what the platform writes before it: `v1,` */
export const webhookSecret = (setting: string, prefix = ''): SecretForm => ({
  header: 'webhook-signature',
  setting,
  make: () => `${prefix}whsec_${randomBytes(32).toString('base64')}`, // 256 bits
  problemOf: (secret) =>
    WEBHOOK_SECRET.test(keyOf(secret)) && secret.startsWith(prefix)
      ? undefined
      : `must be ${prefix}whsec_ and 24 to 64 bytes in base64`,
  local: `${prefix}whsec_${Buffer.from('local-development-not-a-secret!!').toString('base64')}`,
  headersFor(secret, body, now) {
    const id = `msg_${randomUUID()}`;
    return {
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(now / 1_000)),
      'webhook-signature': new Webhook(keyOf(secret)).sign(id, new Date(now), body),
    };
  },
});

/** 24 to 64 bytes, as the specification says. */
const WEBHOOK_SECRET = /^whsec_[A-Za-z0-9+/]{32,88}={0,2}$/;
