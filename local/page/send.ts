import { PLATFORMS } from '../../lib/platforms/index.ts';
import type { Platform } from '../../lib/platforms/platform.ts';
import type { OfferedPlatform, SampleRequest, SendForm, SentAnswer } from './contract.ts';

/** The callers' secret on the local stack, Logto's and one's own backend's. It protects nothing: the stack listens on loopback only. */
export const LOCAL_SECRET = 'Bearer local-development';

type Body = Record<string, unknown> & { payload?: Record<string, unknown> };

/** A platform's own request. @param id names the message */
function bodyOf(platform: Platform, _form: Pick<SendForm, 'to' | 'code'>): Body {
  const [example = {}] = Object.values(platform.contract().examples);
  return structuredClone(example) as Body;
}

/** The platforms that the form offers. */
export function offeredPlatforms(): OfferedPlatform[] {
  return PLATFORMS.map((platform) => {
    const body = bodyOf(platform, { to: '', code: '' });
    const hasLocale = 'locale' in body || (body.payload !== undefined && 'locale' in body.payload);
    return { name: platform.name, title: platform.contract().title, hasType: 'type' in body, hasLocale };
  });
}

/**
 * Makes the real request of a platform, with what proves its caller.
 *
 * @param body the body as somebody edited it; by default the platform's own for the form
 * @returns undefined for an unknown platform
 */
export function sampleRequest(apiUrl: string, form: SendForm, edited?: string): SampleRequest | undefined {
  const platform = PLATFORMS.find(({ name }) => name === form.platform);
  if (!platform) return undefined;
  const body = edited ?? JSON.stringify(filledIn(bodyOf(platform, form), form), undefined, 2);
  const url = `${apiUrl}/sms/${platform.name}`;
  const headers = { Authorization: LOCAL_SECRET, 'Content-Type': 'application/json' };
  const quoted = (text: string) => `'${text.replaceAll("'", String.raw`'\''`)}'`;
  const options = Object.entries(headers).map(([name, value]) => `-H ${quoted(`${name}: ${value}`)} \\\n  `);
  return { url, headers, body, curl: `curl -i ${url} \\\n  ${options.join('')}--data-raw ${quoted(body)}` };
}

/** Puts what the form says where the platform's request has it. */
function filledIn(body: Body, { to, code, type, locale }: SendForm): Body {
  const { payload } = body;
  const inPayload = payload && 'locale' in payload;
  return {
    ...body,
    ...('to' in body ? { to } : {}),
    ...('type' in body && type ? { type } : {}),
    ...('locale' in body && locale ? { locale } : {}),
    ...(payload ? { payload: { ...payload, code, ...(inPayload && locale ? { locale } : {}) } } : {}),
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
