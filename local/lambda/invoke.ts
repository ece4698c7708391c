/**
 * Invokes a function over Lambda's own API (Lambda API, Invoke), as serverless-offline serves it.
 *
 * @param url base URL of that API
 * @param name the deployed name, `smsaero-local-cognito-sms-sender`
 * @returns what the function returned
 * @throws Error with the function's own message when it threw, or that nobody answered
 */
export async function invokeFunction(url: string, name: string, event: unknown): Promise<unknown> {
  const response = await fetch(`${url}/2015-03-31/functions/${name}/invocations`, {
    method: 'POST',
    body: JSON.stringify(event),
  });
  const text = await response.text();
  const payload: unknown = text === '' ? undefined : JSON.parse(text);
  if (!response.ok || response.headers.has('x-amz-function-error')) {
    const { errorMessage } = (payload ?? {}) as { errorMessage?: string };
    throw new Error(errorMessage ?? `${name} answered ${response.status}`);
  }
  return payload;
}
