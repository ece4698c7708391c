/** The longest body that is read, in bytes; the longest of the platforms' real ones, Supabase's, is limited to 20 KB. */
export const MAX_BODY_BYTES = 64 * 1024;

/** An HTTP request, whatever kind of Lambda event it came in. */
export interface HttpRequest {
  readonly method: string;
  /** Path without a stage prefix being removed: `/sms/logto`, `/dev/sms/logto`. */
  readonly path: string;
  /** Values by lower-case name; of a repeated header the last value, or all joined as API Gateway joins them. */
  readonly headers: Readonly<Record<string, string>>;
  /** Values of the query by name; of a repeated one the last, or all joined as API Gateway joins them. */
  readonly query: Readonly<Record<string, string>>;
  /** The raw bytes, as signatures are made over them; undefined if there are more than {@link MAX_BODY_BYTES}. */
  readonly body: Buffer | undefined;
}

/** The parts of the events that are read; they come from the network, so nothing about them is taken for granted. */
interface HttpEvent {
  readonly requestContext?: { readonly http?: { readonly method?: unknown; readonly path?: unknown } };
  readonly rawPath?: unknown;
  readonly queryStringParameters?: unknown;
  readonly httpMethod?: unknown;
  readonly path?: unknown;
  readonly headers?: unknown;
  readonly multiValueHeaders?: unknown;
  readonly body?: unknown;
  readonly isBase64Encoded?: unknown;
}

/**
 * Reads the event of an HTTP API (payload 2.0 or 1.0), a REST API, a Function URL or a load balancer.
 *
 * @param event the event as Lambda handed it over
 */
export function readHttpEvent(event: unknown): HttpRequest {
  const { requestContext, ...parts } = (event ?? {}) as HttpEvent;
  return {
    method: text(requestContext?.http?.method ?? parts.httpMethod).toUpperCase(),
    path: text(parts.rawPath ?? parts.path),
    headers: lowerCaseNames({ ...texts(parts.multiValueHeaders), ...texts(parts.headers) }),
    query: texts(parts.queryStringParameters),
    body: readBody(text(parts.body), parts.isBase64Encoded === true),
  };
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** The values that are texts; of a list the last one. */
function texts(values: unknown): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values ?? {}).flatMap(([name, value]) => {
      const single = Array.isArray(value) ? value.at(-1) : value;
      return typeof single === 'string' ? [[name, single]] : [];
    }),
  );
}

function lowerCaseNames(values: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name.toLowerCase(), value]));
}

function readBody(body: string, isBase64Encoded: boolean): Buffer | undefined {
  // The shortest body of that many characters is longer than the limit, so it need not be decoded to be refused.
  if (body.length > (isBase64Encoded ? (MAX_BODY_BYTES * 4) / 3 + 4 : MAX_BODY_BYTES)) {
    return undefined;
  }
  const bytes = Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8');
  return bytes.length > MAX_BODY_BYTES ? undefined : bytes;
}
