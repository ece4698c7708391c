import { randomBytes } from 'node:crypto';
import { platformOf } from '../../lib/platforms/index.ts';
import { StageParameters } from '../aws/stage-parameters.ts';
import { fingerprint, MAX_SECRETS, problemOf, secretsOf } from '../secrets.ts';
import { stageOptions } from '../stage-options.ts';
import type { Terminal } from '../terminal.ts';
import { EXIT, type KeyOptions, RUN } from '../usage.ts';

/** `secret add`: makes a secret for a platform's calls, adds it to those that are accepted, and prints it, this once. */
export async function secretAdd(
  { stage, keyAlias }: KeyOptions,
  terminal: Terminal,
  platform: string,
): Promise<number> {
  const parameters = new StageParameters(stage, keyAlias);
  const { name, current } = await secretsOf(platform, parameters);
  if (current.length >= MAX_SECRETS) {
    throw new Error(
      `${parameters.path}/${name} has ${current.length} secrets already: secret remove ${platform} takes the older one away`,
    );
  }
  const secret = `Bearer ${randomBytes(24).toString('base64url')}`; // 192 bits
  const value = [...current, secret].join('\n');
  const problem = problemOf(value);
  if (problem !== undefined) {
    throw new Error(
      `${parameters.path}/${name} ${problem}, so that the platform is off and would stay so: ${RUN} secret remove ${platform} --all ${stageOptions(stage)}, then add one`,
    );
  }
  await parameters.put({ name, type: 'SecureString', value });
  terminal.print(
    `${platform} must send this as Authorization, word for word. It is shown once:\n\n${secret}\n\nFingerprint ${fingerprint(secret)}.`,
  );
  if (!platformOf(`/sms/${platform}`)) {
    terminal.note(`${platform} is no platform that this version has a door for: is the name right?`);
  }
  return EXIT.done;
}
