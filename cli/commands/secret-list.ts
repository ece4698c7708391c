import { StageParameters } from '../aws/stage-parameters.ts';
import { AWS_HELP, AWS_OPTIONS, defineCommand, EXIT, RUN } from '../command.ts';
import { columns } from '../format.ts';
import { fingerprint, PLATFORM_PREFIX, secretsOf, splitSecrets } from '../secrets.ts';

/** `secret list`: how many secrets each platform has, and what tells them apart. */
export const secretList = defineCommand({
  help: `Usage: ${RUN} secret list [logto] [--stage dev]

Lists how many secrets each platform has, oldest first, each by its fingerprint: the first 8 hexadecimal
digits of its SHA-256. The secrets themselves are never shown.

${AWS_HELP}`,
  options: AWS_OPTIONS,
  positionals: [{ name: 'the platform', optional: true }],
  async run({ stage }, [platform], terminal) {
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
    return EXIT.done;
  },
});

async function allSecrets(parameters: StageParameters) {
  const values = [...(await parameters.all())].filter(([name]) => name.startsWith(PLATFORM_PREFIX));
  return values.map(([name, value]) => [name.slice(PLATFORM_PREFIX.length), splitSecrets(value)] as const);
}
