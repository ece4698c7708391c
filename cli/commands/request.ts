import { randomUUID } from 'node:crypto';
import { PLATFORMS, platformNamed } from '../../lib/platforms/index.ts';
import { localSecretOf } from '../../lib/platforms/local-secret.ts';
import type { Terminal } from '../terminal.ts';
import { EXIT, UsageError } from '../usage.ts';

/** The options of `request`. */
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
  const platform = platformNamed(name ?? '');
  if (!platform) {
    const names = PLATFORMS.map((one) => one.name).join(', ');
    if (name !== undefined) throw new UsageError(`"${name}" is not a platform of this version (${names})`);
    terminal.print(names);
    terminal.result({ platforms: PLATFORMS.map((one) => one.name) });
    return EXIT.done;
  }
  const { request: bodyOf, secret } = platform.contract();
  const body = JSON.stringify(bodyOf({ to, code, id: randomUUID() }));
  const headers = {
    'Content-Type': 'application/json',
    ...secret.headersFor(localSecretOf(platform), body, Date.now()),
  };
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
