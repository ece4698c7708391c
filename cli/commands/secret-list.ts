import { StageParameters } from '../aws/stage-parameters.ts';
import { columns } from '../format.ts';
import { fingerprint, PLATFORM_PREFIX, secretsOf, splitSecrets } from '../secrets.ts';
import type { Terminal } from '../terminal.ts';
import { EXIT, RUN, type StageOptions } from '../usage.ts';

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
  return EXIT.done;
}

async function allSecrets(parameters: StageParameters) {
  const values = [...(await parameters.all())].filter(([name]) => name.startsWith(PLATFORM_PREFIX));
  return values.map(([name, value]) => [name.slice(PLATFORM_PREFIX.length), splitSecrets(value)] as const);
}
