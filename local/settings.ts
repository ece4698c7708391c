import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type Checked, checkConnector } from '../cli/check/check-connector.ts';
import { readConnectorFile } from '../cli/connector-file.ts';
import { PLATFORMS } from '../lib/platforms/index.ts';

/** The ports of `npm start` by the variables that choose others. */
const PORTS = { PORT: 3000, INBOX_PORT: 3001, COGNITO_PORT: 3002, QUEUE_PORT: 3003 } as const;

/** A secret that nobody guesses, and that shells, JSON and headers take as it is; one space as in `Bearer …`. */
const SECRET = /^(?=.{16,128}$)[\w.~+/=-]+( [\w.~+/=-]+)?$/;

/** What the documented secrets that can be read have in common. */
const DOCUMENTED = 'local-development';

export const USAGE = `Usage: npm start [-- [--config connector.json] [--verbose]]

  --config FILE  use the texts of a connector.json, checked as by config check
  --verbose      print the functions' JSON log, their metrics and the events, too

PORT, INBOX_PORT, COGNITO_PORT and QUEUE_PORT choose other ports. HOST lets others
reach the API, with LOCAL_SECRET as its secret (docs/local-development.md).`;

export interface Settings {
  readonly port: number;
  readonly inboxPort: number;
  readonly cognitoPort: number;
  readonly queuePort: number;
  /** The address where the API listens for others than this machine; undefined if it does not. */
  readonly host: string | undefined;
  readonly configFile: string | undefined;
  readonly verbose: boolean;
  readonly help: boolean;
}

/** The settings cannot be used; the message says which and why. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
}

/** Reads the settings. @throws SettingsError */
export function readSettings(args: readonly string[], env: NodeJS.ProcessEnv): Settings {
  const options = readOptions(args);
  const [port, inboxPort, cognitoPort, queuePort] = readPorts(env);
  checkSecret(env['LOCAL_SECRET']);
  const host = isLoopback(env['HOST']) ? undefined : env['HOST'];
  if (host !== undefined && !env['LOCAL_SECRET']) {
    throw new SettingsError(
      `HOST=${host} lets others reach the API, and the documentation tells everybody its secret. Choose another, or unset HOST:\n\n` +
        `  LOCAL_SECRET=$(openssl rand -hex 16) HOST=${host} npm start`,
    );
  }
  return { port, inboxPort, cognitoPort, queuePort, host, ...options };
}

function readOptions(args: readonly string[]): Pick<Settings, 'configFile' | 'verbose' | 'help'> {
  const none = { type: 'boolean', default: false } as const;
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: { config: { type: 'string' }, verbose: none, help: { ...none, short: 'h' } },
      allowPositionals: true,
    });
    // npm keeps options for itself that stand before its "--".
    if (positionals[0] !== undefined) {
      throw new Error(`What is "${positionals[0]}" for? A file: npm start -- --config ${positionals[0]}`);
    }
    return { configFile: values.config, verbose: values.verbose, help: values.help };
  } catch (error) {
    // What Node adds about positional arguments leads astray: there are none here.
    const [problem] = (error as Error).message.split('. To specify', 1);
    throw new SettingsError(`${problem}\n\n${USAGE}`);
  }
}

function readPorts(env: NodeJS.ProcessEnv): [number, number, number, number] {
  const names = Object.keys(PORTS) as (keyof typeof PORTS)[];
  const ports = names.map((name) => {
    const value = env[name] ? Number(env[name]) : PORTS[name];
    if (Number.isInteger(value) && value >= 1 && value <= 65_535) return value;
    throw new SettingsError(`${name} must be a port number between 1 and 65535`);
  });
  for (const [index, port] of ports.entries()) {
    const first = ports.indexOf(port);
    if (first < index) {
      throw new SettingsError(`${names[first]} and ${names[index]} are both ${port}: choose two ports`);
    }
  }
  return ports as [number, number, number, number];
}

function checkSecret(secret: string | undefined): void {
  if (!secret) return;
  const isDocumented = PLATFORMS.some(({ contract }) => contract().secret.local.endsWith(secret));
  if (isDocumented || secret.includes(DOCUMENTED))
    throw new SettingsError('LOCAL_SECRET is a documented one: choose another');
  if (!SECRET.test(secret)) {
    throw new SettingsError(
      'LOCAL_SECRET must be 16 to 128 letters, digits and . _ ~ + / = -, as openssl rand -hex 16 prints them',
    );
  }
}

function isLoopback(host: string | undefined): boolean {
  return !host || host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

/**
 * Reads a connector.json and checks it as `config check` does. The e-mail address and key of a sample are good enough here, and none is
 * needed: what `config pull` writes has no key.
 *
 * @param folder from where a relative path is read
 * @throws Error that says why the file cannot be read
 */
export async function readConnector(file: string, folder: string): Promise<Checked> {
  const json = await readConnectorFile(resolve(folder, file));
  return checkConnector({ apiKey: 'local-development-not-a-real-key', ...json });
}
