import { randomBytes } from 'node:crypto';
import { platformNamed } from '../../lib/platforms/index.ts';
import { StageParameters } from '../aws/stage-parameters.ts';
import { AWS_HELP, AWS_OPTIONS, defineCommand, EXIT, RUN } from '../command.ts';
import { KEY_HELP, KEY_OPTION, keyAliasOf } from '../key-option.ts';
import { fingerprint, MAX_SECRETS, problemOf, secretsOf } from '../secrets.ts';
import { stageOptions } from '../stage-options.ts';

/** `secret add`: makes a secret for a platform's calls, adds it to those that are accepted, and prints it, this once. */
export const secretAdd = defineCommand({
  help: `Usage: ${RUN} secret add logto [--stage dev]

Makes a strong secret for a platform's calls and prints it, this once: it goes into the platform's
Authorization setting, word for word. A platform may have two, so that it can be rotated without a gap:
secret add, change it in the platform, secret remove.

${KEY_HELP}
${AWS_HELP}`,
  options: { ...AWS_OPTIONS, ...KEY_OPTION },
  positionals: [{ name: 'the platform' }],
  async run({ stage, ...rest }, [platform = ''], terminal) {
    const parameters = new StageParameters(stage, keyAliasOf(rest));
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
    if (!platformNamed(platform)) {
      terminal.note(`${platform} is no platform that this version has a door for: is the name right?`);
    }
    return EXIT.done;
  },
});
