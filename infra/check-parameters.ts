import { SSMClient, type SSMClientConfig } from '@aws-sdk/client-ssm';
import { readParameters } from '../lib/config/parameter-store.ts';
import { ConfigurationError, findSamples, parseParameters } from '../lib/config/parameters.ts';
import { problemOfSecrets } from '../lib/platforms/index.ts';

const RUN = 'npm run smsaero --';

/** How to deploy all the same; said with every refusal. */
const ANYWAY = 'To deploy without this check: --param="checkParameters=off"';

/**
 * Checks the parameters of a stage as its functions will read them, before they are deployed. It writes nothing.
 *
 * @param path `/smsaero/prod`
 * @returns what was found, in one line: which platforms are on
 * @throws Error that says what is wrong, never a value, and what to do
 */
export async function checkParameters(path: string, config: SSMClientConfig): Promise<string> {
  const stage = path.slice(path.lastIndexOf('/') + 1);
  const client = new SSMClient(config);
  const region = await client.config.region();
  // The command line would else take the region of the shell, which is not always the one that is deployed to.
  const where = `--stage ${stage} --region ${region}`;
  const parameters = await read(path, client);
  if (parameters.size === 0) {
    throw new Error(
      [
        `The stage ${stage} has no parameters below ${path}/ in ${region}: without them it answers 503 to every request. Write them first:`,
        `  ${RUN} config push connector.json ${where}`,
        `  ${RUN} secret add logto ${where}`,
        ANYWAY,
      ].join('\n'),
    );
  }
  const problems: string[] = [];
  try {
    const configuration = parseParameters(path, parameters, (problem) => problems.push(problem));
    const { platforms } = configuration;
    problems.push(...findSamples(configuration).map((sample) => `${path}/${sample.path} ${sample.text}`));
    for (const [name, secrets] of Object.entries(platforms)) {
      const problem = problemOfSecrets(name, secrets);
      if (problem !== undefined) problems.push(`${path}/platforms/${name} ${problem}`);
    }
    if (problems.length === 0) {
      const names = Object.keys(platforms).sort();
      const on = names.length > 0 ? names.join(', ') : `none (${RUN} secret add logto ${where})`;
      const forgets = parameters.has('hashKey')
        ? ''
        : `; hashKey is missing, so a new API key makes the table forget (${RUN} config push connector.json ${where} makes one)`;
      return `Parameters of ${stage} are valid; platforms: ${on}${forgets}`;
    }
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    problems.push(error.message);
  }
  throw new Error(
    [
      `The parameters of ${stage} are not valid:`,
      ...problems.map((problem) => `  ${problem}`),
      `${RUN} config push and secret add fix them, ${RUN} doctor ${where} tells more.`,
      ANYWAY,
    ].join('\n'),
  );
}

async function read(path: string, client: SSMClient): Promise<Map<string, string>> {
  try {
    return await readParameters(path, (command) => client.send(command));
  } catch (cause) {
    const { name, message } = cause as Error;
    const said = [name, message].filter(Boolean).join(': ');
    // osls says both in words only. Without credentials nothing can be deployed, with this check or without.
    if (/AWS provider credentials not found|AWS profile ".*" doesn't seem to be configured/.test(message)) {
      throw new Error(`No AWS credentials: sign in with the AWS CLI, or set AWS_PROFILE (${said})`, {
        cause,
      });
    }
    throw new Error(
      `The parameters below ${path}/ cannot be read (${said}). Whoever deploys needs ssm:GetParametersByPath, and kms:Decrypt if your KMS key encrypts them.\n${ANYWAY}`,
      { cause },
    );
  } finally {
    client.destroy();
  }
}
