import https from 'node:https';

/** What SMS Aero answers to a message. */
export interface Answer {
  readonly success: boolean;
  readonly data?: { readonly id?: number };
}

const agent = new https.Agent({ keepAlive: true });

/** Posts to the first gate with Node's client: the lightest there is. */
export function post(
  { email, apiKey }: { email: string; apiKey: string },
  parameters: object,
): Promise<Answer> {
  const body = JSON.stringify(parameters);
  return new Promise((resolve, reject) => {
    const request = https.request('https://gate.smsaero.ru/v2/sms/send', {
      method: 'POST',
      agent,
      auth: `${email}:${apiKey}`,
      headers: { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) },
      timeout: 5_000,
    });
    request.on('timeout', () => request.destroy(new Error('The gate did not answer')));
    request.on('error', reject);
    request.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => resolve(JSON.parse(text)));
    });
    request.end(body);
  });
}
