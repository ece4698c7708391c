/** Stands in the bundle for the part of `@aws-sdk/client-ssm` that is used. */
import { type ClientOptions, JsonClient } from './client.ts';

/** Parameter Store. */
export class SSMClient extends JsonClient {
  constructor(options?: ClientOptions) {
    super({ name: 'ssm', target: 'AmazonSSM', version: '1.1' }, options);
  }
}

interface Page {
  readonly Parameters?: readonly { readonly Name?: string; readonly Value?: string }[];
  readonly NextToken?: string;
}

/** All pages of GetParametersByPath. */
export async function* paginateGetParametersByPath(
  { client }: { client: SSMClient },
  input: object,
  { abortSignal }: { abortSignal?: AbortSignal } = {},
): AsyncGenerator<Page> {
  let token: string | undefined;
  do {
    const page: Page = await client.call(
      'GetParametersByPath',
      token ? { ...input, NextToken: token } : input,
      abortSignal,
    );
    yield page;
    token = page.NextToken;
  } while (token);
}
