import type { APIGatewayProxyEventV2 } from 'aws-lambda';

/** What a test says of a request. */
export interface RequestParts {
  readonly method?: string;
  /** `/sms/logto` by default. */
  readonly path?: string;
  /** By default as API Gateway has them for `/sms/{platform}`; undefined behind a Function URL. */
  readonly pathParameters?: Record<string, string> | undefined;
  readonly headers?: Record<string, string>;
  readonly query?: Record<string, string>;
  /** Bytes come as base64, as API Gateway sends what is not text. */
  readonly body?: string | Uint8Array | undefined;
}

/** The event (payload 2.0) of a request: as API Gateway sends it to a function. */
export function httpEvent(parts: RequestParts): APIGatewayProxyEventV2 {
  const { method = 'POST', path = '/sms/logto', headers = {}, query, body } = parts;
  const parameters =
    'pathParameters' in parts ? parts.pathParameters : { platform: path.split('/')[2] ?? '' };
  const routeKey = parameters ? `${method} /sms/{platform}` : '$default';
  const isBase64Encoded = body !== undefined && typeof body !== 'string';
  return {
    version: '2.0',
    routeKey,
    rawPath: path,
    rawQueryString: new URLSearchParams(query).toString(),
    headers,
    ...(query && { queryStringParameters: query }),
    ...(parameters && { pathParameters: parameters }),
    requestContext: {
      accountId: '123456789012',
      apiId: 'test',
      domainName: 'test.execute-api.eu-central-1.amazonaws.com',
      domainPrefix: 'test',
      http: { method, path, protocol: 'HTTP/1.1', sourceIp: '198.51.100.7', userAgent: 'test' },
      requestId: 'test=',
      routeKey,
      stage: '$default',
      time: '01/Jan/2026:00:00:00 +0000',
      timeEpoch: 1_767_225_600_000,
    },
    ...(body !== undefined && {
      body: isBase64Encoded ? Buffer.from(body).toString('base64') : (body as string),
    }),
    isBase64Encoded,
  };
}
