import { createHash } from 'node:crypto';
import { secretsSchema } from '../../lib/config/configuration.ts';
import { describeIssue } from '../../lib/config/parameters.ts';
import { problemOfSecrets } from '../../lib/platforms/index.ts';
import { assertType, StageParameters } from '../aws/stage-parameters.ts';
import { confirmTarget } from '../aws/target.ts';
import { columns, count } from '../format.ts';
import { requirePlatform } from '../platform-request.ts';
import { stageOptions } from '../stage-options.ts';
import type { Terminal } from '../terminal.ts';
import { EXIT, type KeyOptions, RUN, type StageOptions } from '../usage.ts';

/** Secrets that a platform may have at the same time: the old one and the new one, while it is rotated. */
const MAX_SECRETS = 2;

/** What stands before a platform in the name of its parameter. */
const PLATFORM_PREFIX = 'platforms/';

/** The secrets of a platform. */
interface PlatformSecrets {
  /** The parameter below the stage's path: `platforms/logto`. */
  readonly name: string;
  /** Oldest first. */
  readonly current: readonly string[];
}

/** The parameter of a platform's secrets, below the stage's path. @throws UsageError for what cannot be a platform's name */
function parameterOf(platform: string): string {
  if (!/^[a-z][a-z0-9-]*$/.test(platform)) requirePlatform(platform);
  return PLATFORM_PREFIX + platform;
}

/** @throws UsageError for what cannot be a platform's name, Error for secrets that are stored in the clear */
async function secretsOf(platform: string, parameters: StageParameters): Promise<PlatformSecrets> {
  const name = parameterOf(platform);
  const stored = await parameters.read(name);
  assertType(parameters.path, { name, type: 'SecureString' }, stored);
  return { name, current: splitSecrets(stored?.value ?? '') };
}

/**
 * A platform with one line that cannot be used is off, also for the others.
 *
 * @returns what is wrong with the value of a parameter; undefined if the functions take it
 */
function problemOf(platform: string, value: string): string | undefined {
  const result = secretsSchema.safeParse(value);
  return result.success
    ? problemOfSecrets(platform, result.data)
    : [...new Set(result.error.issues.map(describeIssue))].join(', ');
}

/** The secrets in a parameter's value: one a line. */
function splitSecrets(value: string): string[] {
  return value.split(/\r?\n/).filter((line) => line.trim() !== '');
}

/**
 * What tells secrets apart without giving them away: the first 32 bits of a SHA-256. A secret that `secret add` made has 192 random bits,
 * which no fingerprint leads back to.
 */
function fingerprint(secret: string): string {
  return createHash('sha256').update(secret.trim()).digest('hex').slice(0, 8);
}

/** The options of `secret add`. */
interface AddOptions extends KeyOptions {
  /** Whether the platform has made the secret already. */
  readonly existing?: boolean;
  readonly yes?: boolean;
}

/**
 * `secret add`: makes a secret for a platform's calls, asks, adds it to those that are accepted, and prints it, this once; or takes the one that
 * the platform made.
 */
export async function secretAdd(
  { stage, keyAlias, existing = false, yes }: AddOptions,
  terminal: Terminal,
  platform: string,
): Promise<number> {
  const { title, secret: form } = requirePlatform(platform).contract();
  const parameters = new StageParameters(stage, keyAlias);
  const { name, current } = await secretsOf(platform, parameters);
  if (current.length >= MAX_SECRETS) {
    throw new Error(
      `${parameters.path}/${name} has ${current.length} secrets already: secret remove ${platform} takes the older one away`,
    );
  }
  const make = existing ? undefined : form.make;
  const secret = make?.() ?? (await terminal.readSecret(`The secret of ${title} (${form.setting}): `));
  if (current.includes(secret)) throw new Error(`${parameters.path}/${name} has this secret already`);
  const value = [...current, secret].join('\n');
  const unusable = current.length > 0 ? problemOf(platform, current.join('\n')) : undefined;
  if (unusable !== undefined) {
    throw new Error(
      `${parameters.path}/${name} ${unusable}, so that the platform is off and would stay so: ${RUN} secret remove ${platform} --all ${stageOptions(stage)}, then add one`,
    );
  }
  const problem = problemOf(platform, value);
  if (problem !== undefined) {
    throw new Error(`${title} has no such secret: the parameter ${problem}. Nothing was written`);
  }
  const question = `Add a secret to ${parameters.path}/${name}?`;
  const target = await confirmTarget(question, 'Nothing was written', { stage, yes }, terminal);
  if (!target) return EXIT.failed;
  await parameters.put({ name, type: 'SecureString', value });
  const print = fingerprint(secret);
  if (make) {
    const use =
      form.header === 'Authorization' ? 'must send this as Authorization' : 'must sign with this key';
    terminal.print(
      `${title} ${use}, word for word: ${form.setting}. It is shown once:\n\n${secret}\n\nFingerprint ${print}.`,
    );
    terminal.result({ ...target, platform, secret, fingerprint: print });
  } else {
    terminal.print(`${title} is on with this secret. Fingerprint ${print}.`);
    terminal.result({ ...target, platform, fingerprint: print });
  }
  return EXIT.done;
}

/** `secret list`: how many secrets each platform has, and what tells them apart. */
export async function secretList(
  { stage }: StageOptions,
  terminal: Terminal,
  platform?: string,
): Promise<number> {
  const parameters = new StageParameters(stage);
  const found =
    platform === undefined
      ? await allSecrets(parameters)
      : [[platform, (await secretsOf(platform, parameters)).current] as const];
  const rows = found.map(([name, secrets]) => [
    name,
    String(secrets.length),
    secrets.map(fingerprint).join(' '),
  ]);
  if (rows.length === 0) {
    throw new Error(`${parameters.path} has no platform with a secret: ${RUN} secret add logto makes one`);
  }
  for (const line of columns([['platform', 'secrets', 'fingerprints'], ...rows])) terminal.print(line);
  terminal.result({
    platforms: found.map(([name, secrets]) => ({ platform: name, fingerprints: secrets.map(fingerprint) })),
  });
  return EXIT.done;
}

async function allSecrets(parameters: StageParameters) {
  const values = [...(await parameters.all())].filter(([name]) => name.startsWith(PLATFORM_PREFIX));
  return values.map(([name, value]) => [name.slice(PLATFORM_PREFIX.length), splitSecrets(value)] as const);
}

/** The options of `secret remove`. */
interface RemoveOptions extends StageOptions {
  readonly all?: boolean;
  readonly yes?: boolean;
}

/** `secret remove`: asks, and takes the older of two secrets away, when the platform uses the new one. */
export async function secretRemove(
  options: RemoveOptions,
  terminal: Terminal,
  platform: string,
): Promise<number> {
  const parameters = new StageParameters(options.stage);
  if (options.all) return removeAll(platform, parameters, options, terminal);
  const { name, current } = await secretsOf(platform, parameters);
  const [oldest = '', ...newer] = current;
  if (newer.length === 0) {
    throw new Error(
      `${parameters.path}/${name} has ${count(current.length, 'secret')}: only the older of two is removed; --all turns the platform off`,
    );
  }
  const question = `Remove the secret ${fingerprint(oldest)} from ${parameters.path}/${name}?`;
  const target = await confirmTarget(question, 'Nothing was removed', options, terminal);
  if (!target) return EXIT.failed;
  await parameters.put({ name, type: 'SecureString', value: newer.join('\n') });
  terminal.print(
    newer.length === 1
      ? `${platform} has one secret left, the newer one (${fingerprint(newer[0] ?? '')}); ${fingerprint(oldest)} is gone.`
      : `${platform} has ${newer.length} secrets left; ${fingerprint(oldest)}, the oldest, is gone.`,
  );
  terminal.result({ ...target, platform, removed: [fingerprint(oldest)], left: newer.map(fingerprint) });
  return EXIT.done;
}

async function removeAll(
  platform: string,
  parameters: StageParameters,
  options: RemoveOptions,
  terminal: Terminal,
): Promise<number> {
  const name = parameterOf(platform);
  const stored = await parameters.read(name);
  if (stored === undefined) {
    throw new Error(`${parameters.path}/${name} is not there: the platform is off`);
  }
  const question = `Turn ${platform} off? Its calls are refused within half an hour at the latest.`;
  const target = await confirmTarget(question, 'Nothing was removed', options, terminal);
  if (!target) return EXIT.failed;
  await parameters.delete(name);
  terminal.print(`${platform} has no secret left: it is off within half an hour at the latest.`);
  terminal.result({ ...target, platform, removed: splitSecrets(stored.value).map(fingerprint), left: [] });
  return EXIT.done;
}
