import { StageParameters } from '../aws/stage-parameters.ts';
import { count } from '../format.ts';
import { fingerprint, parameterOf, secretsOf } from '../secrets.ts';
import type { Terminal } from '../terminal.ts';
import { EXIT, type StageOptions } from '../usage.ts';

/** The options of `secret remove`. */
interface RemoveOptions extends StageOptions {
  readonly all?: boolean;
  readonly yes?: boolean;
}

/** `secret remove`: takes the older of two secrets away, when the platform uses the new one. */
export async function secretRemove(
  { stage, all, yes }: RemoveOptions,
  terminal: Terminal,
  platform: string,
): Promise<number> {
  const parameters = new StageParameters(stage);
  if (all) return removeAll(platform, parameters, yes, terminal);
  const { name, current } = await secretsOf(platform, parameters);
  const [oldest = '', ...newer] = current;
  if (newer.length === 0) {
    throw new Error(
      `${parameters.path}/${name} has ${count(current.length, 'secret')}: only the older of two is removed; --all turns the platform off`,
    );
  }
  await parameters.put({ name, type: 'SecureString', value: newer.join('\n') });
  terminal.print(
    newer.length === 1
      ? `${platform} has one secret left, the newer one (${fingerprint(newer[0] ?? '')}); ${fingerprint(oldest)} is gone.`
      : `${platform} has ${newer.length} secrets left; ${fingerprint(oldest)}, the oldest, is gone.`,
  );
  return EXIT.done;
}

async function removeAll(
  platform: string,
  parameters: StageParameters,
  yes: boolean | undefined,
  terminal: Terminal,
): Promise<number> {
  const name = parameterOf(platform);
  if ((await parameters.read(name)) === undefined) {
    throw new Error(`${parameters.path}/${name} is not there: the platform is off`);
  }
  const question = `Turn ${platform} off? Its calls are refused within half an hour at the latest.`;
  if (!yes && !(await terminal.confirm(question, 'Nothing was removed'))) {
    terminal.print('Nothing was removed.');
    return EXIT.failed;
  }
  await parameters.delete(name);
  terminal.print(`${platform} has no secret left: it is off within half an hour at the latest.`);
  return EXIT.done;
}
