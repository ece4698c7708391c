import { PLATFORMS } from '../../lib/platforms/index.ts';
import { localSecretOf } from '../../lib/platforms/local-secret.ts';
import { makeRequest, requirePlatform } from '../platform-request.ts';
import type { Terminal } from '../terminal.ts';
import { EXIT } from '../usage.ts';

interface RequestOptions {
  readonly to: string;
  readonly code: string;
  /** Base URL of the API. */
  readonly url: string;
}

/** A text as one word of a shell. */
const quote = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;

/** `request`: a curl command that asks for a code as a platform does, with the secret of `npm start`. */
export async function request(
  { to, code, url }: RequestOptions,
  terminal: Terminal,
  name?: string,
): Promise<number> {
  if (name === undefined) {
    const names = PLATFORMS.map((one) => one.name);
    terminal.print(names.join(', '));
    terminal.result({ platforms: names });
    return EXIT.done;
  }
  const platform = requirePlatform(name);
  const { headers, body } = makeRequest(
    platform,
    { to, code, type: 'SignIn', locale: 'ru' },
    localSecretOf(platform),
    Date.now(),
  );
  const endpoint = `${url.replace(/\/+$/, '')}/sms/${platform.name}`;
  terminal.print(
    [
      `curl -i ${quote(endpoint)}`,
      ...Object.entries(headers).map(([header, value]) => `  -H ${quote(`${header}: ${value}`)}`),
      `  --data-binary ${quote(body)}`,
    ].join(' \\\n'),
  );
  terminal.result({ url: endpoint, headers, body });
  return EXIT.done;
}
