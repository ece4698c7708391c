import { createHash } from 'node:crypto';
import { secretsSchema } from '../../lib/config/configuration.ts';
import { describeIssue } from '../../lib/config/parameters.ts';
import { problemOfSecrets } from '../../lib/platforms/index.ts';
import { StageParameters } from '../aws/stage-parameters.ts';
import { confirmTarget } from '../aws/target.ts';
import { count } from '../format.ts';
import { requirePlatform } from '../platform-request.ts';
import { stageOptions } from '../stage-options.ts';
import type { Terminal } from '../terminal.ts';
import { EXIT, RUN, type StageOptions, type WriteOptions } from '../usage.ts';

/** Secrets that a platform may have at the same time: the old one and the new one, while it is rotated. */
const MAX_SECRETS = 2;

/** What stands before a platform in the name of its parameter. */
const PLATFORM_PREFIX = 'platforms/';

/** The parameter of a platform's secrets, below the stage's path. @throws UsageError for what cannot be a platform's name */
function parameterOf(platform: string): string {
  if (!/^[a-z][a-z0-9-]*$/.test(platform)) requirePlatform(platform);
  return PLATFORM_PREFIX + platform;
}

/** @returns the oldest first @throws UsageError for what cannot be a platform's name, Error for secrets that are stored in the clear */
async function secretsOf(platform: string, parameters: StageParameters): Promise<string[]> {
  return splitSecrets((await parameters.readSecret(parameterOf(platform)))?.value ?? '');
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

/**
 * `secret add`: makes a secret for a platform's calls, asks, adds it to those that are accepted, and prints it, this once; or takes the one that
 * the platform made.
 */
export async function secretAdd(
  { stage, keyAlias, existing = false, yes }: WriteOptions & { readonly existing?: boolean },
  terminal: Terminal,
  platform: string,
): Promise<number> {
  const { title, secret: form } = requirePlatform(platform).contract();
  const parameters = new StageParameters(stage, keyAlias);
  const name = parameterOf(platform);
  const path = `${parameters.path}/${name}`;
  const current = await secretsOf(platform, parameters);
  if (current.length >= MAX_SECRETS) {
    throw new Error(
      `${path} has ${current.length} secrets already: secret remove ${platform} takes the older one away`,
    );
  }
  const made = existing ? undefined : form.make?.();
  const secret = made ?? (await terminal.readSecret(`The secret of ${title} (${form.setting}): `));
  if (current.includes(secret)) throw new Error(`${path} has this secret already`);
  const unusable = current.length > 0 ? problemOf(platform, current.join('\n')) : undefined;
  if (unusable !== undefined) {
    throw new Error(
      `${path} ${unusable}, so that the platform is off and would stay so: ${RUN} secret remove ${platform} --all ${stageOptions(stage)}, then add one`,
    );
  }
  const value = [...current, secret].join('\n');
  const problem = problemOf(platform, value);
  if (problem !== undefined) {
    throw new Error(`${title} has no such secret: the parameter ${problem}. Nothing was written`);
  }
  const question = `Add a secret to ${path}?`;
  const target = await confirmTarget(question, 'Nothing was written', { stage, yes }, terminal);
  if (!target) return EXIT.failed;
  await parameters.put({ name, type: 'SecureString', value });
  const print = fingerprint(secret);
  const use = form.header === 'Authorization' ? 'must send this as Authorization' : 'must sign with this key';
  terminal.print(
    made === undefined
      ? `${title} is on with this secret. Fingerprint ${print}.`
      : `${title} ${use}, word for word: ${form.setting}. It is shown once:\n\n${made}\n\nFingerprint ${print}.`,
  );
  terminal.result({ ...target, platform, secret: made, fingerprint: print });
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
      ? [...(await parameters.all())].flatMap(([name, value]) =>
          name.startsWith(PLATFORM_PREFIX)
            ? [[name.slice(PLATFORM_PREFIX.length), splitSecrets(value)] as const]
            : [],
        )
      : [[platform, await secretsOf(platform, parameters)] as const];
  if (found.length === 0) {
    throw new Error(`${parameters.path} has no platform with a secret: ${RUN} secret add logto makes one`);
  }
  const platforms = found.map(([name, secrets]) => ({
    platform: name,
    fingerprints: secrets.map(fingerprint),
  }));
  terminal.table([
    ['platform', 'secrets', 'fingerprints'],
    ...platforms.map(({ platform: name, fingerprints }) => [
      name,
      String(fingerprints.length),
      fingerprints.join(' '),
    ]),
  ]);
  terminal.result({ platforms });
  return EXIT.done;
}

/** `secret remove`: asks, and takes the older of two secrets away, when the platform uses the new one; or all of them. */
export async function secretRemove(
  options: WriteOptions & { readonly all?: boolean },
  terminal: Terminal,
  platform: string,
): Promise<number> {
  const { all = false, stage } = options;
  const parameters = new StageParameters(stage);
  const name = parameterOf(platform);
  const path = `${parameters.path}/${name}`;
  const stored = all ? await parameters.get(name) : undefined;
  if (all && stored === undefined) throw new Error(`${path} is not there: the platform is off`);
  const current = all ? splitSecrets(stored ?? '') : await secretsOf(platform, parameters);
  const left = (all ? [] : current.slice(1)).map(fingerprint);
  const removed = (all ? current : current.slice(0, 1)).map(fingerprint);
  if (!all && left.length === 0) {
    throw new Error(
      `${path} has ${count(current.length, 'secret')}: only the older of two is removed; --all turns the platform off`,
    );
  }
  const question = all
    ? `Turn ${platform} off? Its calls are refused within half an hour at the latest.`
    : `Remove the secret ${removed[0]} from ${path}?`;
  const target = await confirmTarget(question, 'Nothing was removed', options, terminal);
  if (!target) return EXIT.failed;
  if (all) await parameters.delete(name);
  else await parameters.put({ name, type: 'SecureString', value: current.slice(1).join('\n') });
  terminal.print(describeRemoval(platform, removed[0], left));
  terminal.result({ ...target, platform, removed, left });
  return EXIT.done;
}

/** Says what is left. @param gone a fingerprint, as those that are left */
function describeRemoval(platform: string, gone: string | undefined, left: readonly string[]): string {
  if (left.length === 0)
    return `${platform} has no secret left: it is off within half an hour at the latest.`;
  return left.length === 1
    ? `${platform} has one secret left, the newer one (${left[0]}); ${gone} is gone.`
    : `${platform} has ${left.length} secrets left; ${gone}, the oldest, is gone.`;
}
