import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type Checked, checkConnector } from '../cli/check/check-connector.ts';
import { readConnectorFile } from '../cli/connector-file.ts';
import { PLATFORMS } from '../lib/platforms/index.ts';

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
  const ports = readPorts(env);
  checkSecret(env['LOCAL_SECRET']);
  const host = isLoopback(env['HOST']) ? undefined : env['HOST'];
  if (host !== undefined && !env['LOCAL_SECRET']) {
    throw new SettingsError(
      `HOST=${host} lets others reach the API, and the documentation tells everybody its secret. Choose another, or unset HOST:\n\n` +
        `  LOCAL_SECRET=$(openssl rand -hex 16) HOST=${host} npm start`,
    );
  }
  return { ...ports, host, ...options };
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

function readPorts(env: NodeJS.ProcessEnv) {
  const taken = new Map<number, string>();
  const read = (name: string, usual: number): number => {
    const port = Number(env[name] || usual);
    if (!Number.isInteger(port) || port < 1 || port > 65_535) {
      throw new SettingsError(`${name} must be a port number between 1 and 65535`);
    }
    const first = taken.get(port);
    if (first) throw new SettingsError(`${first} and ${name} are both ${port}: choose two ports`);
    taken.set(port, name);
    return port;
  };
  return {
    port: read('PORT', 3000),
    inboxPort: read('INBOX_PORT', 3001),
    cognitoPort: read('COGNITO_PORT', 3002),
    queuePort: read('QUEUE_PORT', 3003),
  };
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
