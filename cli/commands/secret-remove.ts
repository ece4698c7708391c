import { StageParameters } from '../aws/stage-parameters.ts';
import { AWS_HELP, AWS_OPTIONS, defineCommand, EXIT, RUN, UsageError } from '../command.ts';
import { count } from '../format.ts';
import { fingerprint, parameterOf, secretsOf } from '../secrets.ts';
import type { Terminal } from '../terminal.ts';

/** `secret remove`: takes the older of two secrets away, when the platform uses the new one. */
export const secretRemove = defineCommand({
  help: `Usage: ${RUN} secret remove logto [--stage dev]

Takes the older of two secrets away, when the platform sends the newer one. The last one stays, but for
--all: a platform without a secret is off.

  --all                   all secrets of the platform, which turns it off, within half an hour at the latest
  --yes                   --all does not ask: for scripts
${AWS_HELP}`,
  options: {
    ...AWS_OPTIONS,
    all: { type: 'boolean', default: false },
    yes: { type: 'boolean', default: false },
  },
  positionals: [{ name: 'the platform' }],
  async run({ stage, all, yes }, [platform = ''], terminal) {
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
  },
});

async function removeAll(
  platform: string,
  parameters: StageParameters,
  yes: boolean,
  terminal: Terminal,
): Promise<number> {
  const name = parameterOf(platform);
  if ((await parameters.read(name)) === undefined) {
    throw new Error(`${parameters.path}/${name} is not there: the platform is off`);
  }
  if (!yes && !terminal.interactive) {
    throw new UsageError('Nothing was removed: there is no terminal to ask on, so say --yes');
  }
  if (
    !yes &&
    !(await terminal.confirm(
      `Turn ${platform} off? Its calls are refused within half an hour at the latest.`,
    ))
  ) {
    terminal.print('Nothing was removed.');
    return EXIT.failed;
  }
  await parameters.delete(name);
  terminal.print(`${platform} has no secret left: it is off within half an hour at the latest.`);
  return EXIT.done;
}
