import { randomUUID } from 'node:crypto';
import { PLATFORMS, platformNamed } from '../../lib/platforms/index.ts';
import { localSecretOf } from '../../lib/platforms/local-secret.ts';
import type { Platform } from '../../lib/platforms/platform.ts';
import type { OfferedPlatform, SampleRequest, SendForm, SentAnswer } from './contract.ts';

/** A usage type and a language that no request has by itself. */
const MARKS = { type: 'type-of-the-form', locale: 'locale-of-the-form' } as const;

const bodyOf = (platform: Platform, { to, code, type, locale }: Omit<SendForm, 'platform'>): object =>
  platform.contract().request({ to, code, id: randomUUID(), type: type || 'SignIn', locale: locale || 'ru' });

export function offeredPlatforms(): OfferedPlatform[] {
  return PLATFORMS.map((platform) => {
    const body = JSON.stringify(bodyOf(platform, { to: '79031234567', code: '482913', ...MARKS }));
    return {
      name: platform.name,
      title: platform.contract().title,
      hasType: body.includes(MARKS.type),
      hasLocale: body.includes(MARKS.locale),
    };
  });
}

/**
 * Makes the real request of a platform, with what proves its caller.
 *
 * @param edited the body as somebody edited it; by default that of the platform for the form
 * @returns undefined for an unknown platform
 */
export function sampleRequest(apiUrl: string, form: SendForm, edited?: string): SampleRequest | undefined {
  const platform = platformNamed(form.platform);
  if (!platform) return undefined;
  const { secret } = platform.contract();
  const body = edited ?? JSON.stringify(bodyOf(platform, form), undefined, 2);
  const url = `${apiUrl}/sms/${platform.name}`;
  const headers = {
    'Content-Type': 'application/json',
    ...secret.headersFor(localSecretOf(platform), body, Date.now()),
  };
  const options = Object.entries(headers).map(([name, value]) => `-H ${quoted(`${name}: ${value}`)} \\\n  `);
  return {
    url,
    headers,
    body,
    curl: `curl -i ${url} \\\n  ${options.join('')}--data-binary ${quoted(body)}`,
  };
}

/** A text as one word of a shell. */
const quoted = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;

/** Sends a request to the API. @throws Error if nobody answers */
export async function sendRequest({ url, headers, body }: SampleRequest): Promise<SentAnswer> {
  const startedAt = performance.now();
  const response = await fetch(url, { method: 'POST', headers, body });
  const answer = await response.text();
  return {
    status: response.status,
    durationMs: Math.round(performance.now() - startedAt),
    requestId: response.headers.get('x-request-id') ?? undefined,
    body: answer,
  };
}
