import { randomUUID } from 'node:crypto';
import { PLATFORMS, platformNamed } from '../../lib/platforms/index.ts';
import { localSecretOf } from '../../lib/platforms/local-secret.ts';
import type { Platform } from '../../lib/platforms/platform.ts';
import type { OfferedPlatform, SampleRequest, SendForm, SentAnswer } from './contract.ts';

/** Fields that more than one platform has, at the top of its request or in its payload. */
type Body = Record<string, unknown> & { payload?: Record<string, unknown> };

const bodyOf = (platform: Platform, { to, code }: Pick<SendForm, 'to' | 'code'>): Body =>
  platform.contract().request({ to, code, id: randomUUID() }) as Body;

/** The platforms that the form offers. */
export function offeredPlatforms(): OfferedPlatform[] {
  return PLATFORMS.map((platform) => {
    const body = bodyOf(platform, { to: '79031234567', code: '482913' });
    const hasLocale = 'locale' in body || (body.payload !== undefined && 'locale' in body.payload);
    return { name: platform.name, title: platform.contract().title, hasType: 'type' in body, hasLocale };
  });
}

/**
 * Makes the real request of a platform, with what proves its caller.
 *
 * @param apiUrl base URL of the API
 * @param edited the body as somebody edited it; by default that of the platform for the form
 * @returns undefined for an unknown platform
 */
export function sampleRequest(apiUrl: string, form: SendForm, edited?: string): SampleRequest | undefined {
  const platform = platformNamed(form.platform);
  if (!platform) return undefined;
  const { secret } = platform.contract();
  const body = edited ?? JSON.stringify(filledIn(bodyOf(platform, form), form), undefined, 2);
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

/** Puts the usage type and the language of the form where a request has them. */
function filledIn(body: Body, { type, locale }: SendForm): Body {
  const { payload } = body;
  return {
    ...body,
    ...('type' in body && type ? { type } : {}),
    ...('locale' in body && locale ? { locale } : {}),
    ...(payload && 'locale' in payload && locale ? { payload: { ...payload, locale } } : {}),
  };
}

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
