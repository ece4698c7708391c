import { randomUUID } from 'node:crypto';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { PLATFORMS, platformNamed } from '../lib/platforms/index.ts';
import type { Platform, PlatformMessage, SampleMessage } from '../lib/platforms/platform.ts';
import { didYouMean, UsageError } from './usage.ts';

/** The platform of a name. @throws UsageError if there is none */
export function requirePlatform(name: string): Platform {
  const platform = platformNamed(name);
  if (platform) return platform;
  if (name === 'cognito' || name === 'queue') {
    throw new UsageError(`"${name}" does not call over HTTP: docs/platforms/${name}.md says how to try it`);
  }
  const names = PLATFORMS.map((one) => one.name);
  throw new UsageError(
    `"${name}" is not a platform of this version (${names.join(', ')})${didYouMean(name, names)}`,
  );
}

/** A request as a platform makes it. */
export interface PlatformRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Makes a request for a code. @param now ms of the Unix epoch */
export function makeRequest(
  platform: Platform,
  message: Omit<SampleMessage, 'id'>,
  secret: string,
  now: number,
): PlatformRequest {
  const contract = platform.contract();
  const body = JSON.stringify(contract.request({ ...message, id: randomUUID() }));
  const headers = { 'Content-Type': 'application/json', ...contract.secret.headersFor(secret, body, now) };
  return { headers, body };
}

/** What the service reads of a request. @throws HttpError if it refuses what was asked for, such as a code */
export function readRequest(platform: Platform, { headers, body }: PlatformRequest): PlatformMessage {
  const lower = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]);
  const event = { headers: Object.fromEntries(lower), body, isBase64Encoded: false };
  return platform.parse(event as unknown as APIGatewayProxyEventV2); // of which `parse` reads no more
}
