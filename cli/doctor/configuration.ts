import type { Configuration } from '../../lib/config/configuration.ts';
import { ConfigurationError, parseParameters } from '../../lib/config/parameters.ts';
import { platformNamed, problemOfSecrets } from '../../lib/platforms/index.ts';
import { StageParameters } from '../aws/stage-parameters.ts';
import { describeTarget, targetOf } from '../aws/target.ts';
import { checkConnector } from '../check/check-connector.ts';
import { explain, remedyFor } from '../explain.ts';
import { count } from '../format.ts';
import { HASH_KEY } from '../push/changes.ts';
import { stageOptions } from '../stage-options.ts';
import { RUN } from '../usage.ts';
import { type Finding, findingsOf } from './finding.ts';

/** Warnings on templates that are listed one by one. */
const MAX_WARNINGS = 5;

/**
 * Looks at credentials, parameters, templates and the callers' secrets.
 *
 * @returns findings, the configuration if it can be used, and whether AWS can be asked at all
 */
export async function examineConfiguration(
  stage: string,
): Promise<{ findings: Finding[]; configuration?: Configuration; signedIn: boolean }> {
  const parameters = new StageParameters(stage);
  const aws = findingsOf('AWS credentials');
  let region: string;
  try {
    ({ region } = await parameters.identify());
  } catch (error) {
    return { findings: [aws.fail(explain(error), 'sign in, then run this again')], signedIn: false };
  }
  const here = await targetOf(stage).then(
    (target) => aws.pass(describeTarget(target)),
    (error) =>
      aws.warn(
        `there, region ${region}, stage ${stage}; ${error.message}`,
        `let this machine reach sts.${region}.amazonaws.com: config push and secret add need it`,
      ),
  );
  const store = findingsOf('parameters');
  try {
    const values = await parameters.all();
    if (values.size === 0) {
      const todo = `${RUN} config push connector.json ${stageOptions(stage)}; is ${region} the right region?`;
      return { findings: [here, store.fail(`nothing below ${parameters.path}`, todo)], signedIn: true };
    }
    const off: string[] = [];
    const configuration = parseParameters(parameters.path, values, (problem) => off.push(problem));
    const findings = [
      here,
      store.pass(`${count(values.size, 'parameter')} below ${parameters.path}`),
      ...(values.has(HASH_KEY) ? [] : [hashKeyFinding(stage)]),
      ...templateFindings(configuration, stage),
      ...platformFindings(configuration, off, stage),
    ];
    return { findings, configuration, signedIn: true };
  } catch (error) {
    const needed = `ssm:GetParametersByPath on ${parameters.path}, and kms:Decrypt if your KMS key encrypts what is below`;
    const todo =
      error instanceof ConfigurationError
        ? `${RUN} config check connector.json, then config push`
        : remedyFor(error, needed);
    const failed = store.fail(explain(error).replace(/^Bad configuration: /, ''), todo);
    return { findings: [here, failed], signedIn: true };
  }
}

function hashKeyFinding(stage: string): Finding {
  return findingsOf('hashKey').warn(
    'missing: when the API key changes, the stage forgets what it sent, so repeats are sent again and reports about earlier messages are lost',
    `${RUN} config push connector.json ${stageOptions(stage)}, before the API key is changed: it makes one`,
  );
}

function templateFindings(configuration: Configuration, stage: string): Finding[] {
  const of = findingsOf('templates');
  const { email, apiKey, senderName, senderNames, templates } = configuration;
  const checked = checkConnector({
    email,
    apiKey,
    senderName,
    ...(senderNames && { senderNames }),
    templates,
  });
  const todo = `${RUN} config pull ${stageOptions(stage)}, correct it, and push it`;
  const warnings = checked.problems
    .slice(0, MAX_WARNINGS)
    .map(({ path, text }) => of.warn(`${path} ${text}`, todo));
  const most = Math.max(...checked.templates.map(({ cost }) => cost.segments));
  return warnings.length > 0
    ? warnings
    : [of.pass(`${templates.length}, ${most === 1 ? 'each of one segment' : `of up to ${most} segments`}`)];
}

function platformFindings({ platforms }: Configuration, off: readonly string[], stage: string): Finding[] {
  const of = findingsOf('caller secrets');
  const add = (platform: string) => `${RUN} secret add ${platform} ${stageOptions(stage)}`;
  const unusable = off.map((problem) => of.fail(`${problem}: the platform is off`, add('with its name')));
  const known = Object.entries(platforms).map(([name, secrets]) => {
    const { length } = secrets;
    const problem = problemOfSecrets(name, secrets);
    if (problem !== undefined) {
      return of.fail(`${name} ${problem}: its calls are refused`, `secret remove, then ${add(name)}`);
    }
    if (!platformNamed(name)) {
      return of.warn(`${name} is not a platform of this version`, 'check the name of the parameter');
    }
    return length > 1
      ? of.warn(
          `${name}: ${length}, so a rotation is under way`,
          `${RUN} secret remove ${name} ${stageOptions(stage)}`,
        )
      : of.pass(`${name}: 1`);
  });
  const found = [...unusable, ...known];
  return found.length > 0
    ? found
    : [of.warn('none: nobody can send by HTTP (Cognito and the queue need none)', add('logto'))];
}
