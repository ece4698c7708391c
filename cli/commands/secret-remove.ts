import { StageParameters } from '../aws/stage-parameters.ts';
import { AWS_HELP, AWS_OPTIONS, defineCommand, EXIT, RUN } from '../command.ts';
import { count } from '../format.ts';
import { fingerprint, secretsOf } from '../secrets.ts';

/** `secret remove`: takes the older of two secrets away, when the platform uses the new one. */
export const secretRemove = defineCommand({
  help: `Usage: ${RUN} secret remove logto [--stage dev]

Takes the older of two secrets away, when the platform sends the newer one. The last one stays: a
platform without a secret would be off.

${AWS_HELP}`,
  options: AWS_OPTIONS,
  positionals: [{ name: 'the platform' }],
  async run({ stage }, [platform = ''], terminal) {
    const parameters = new StageParameters(stage);
    const { name, current } = await secretsOf(platform, parameters);
    const [oldest = '', ...newer] = current;
    if (newer.length === 0) {
      throw new Error(
        `${parameters.path}/${name} has ${count(current.length, 'secret')}: only the older of two is removed`,
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
