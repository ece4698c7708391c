import { dropEnforcedDependencies, tagResources } from './template.js';

const RUN = 'npm run smsaero --';

/** Commands that package, deploy or run the functions. */
const CHECKED = ['package', 'deploy', 'deploy function', 'offline', 'offline start'];

/**
 * Bundles the functions before osls packages or runs them, so that plain `serverless package`, `serverless deploy`,
 * `serverless deploy function` and `serverless offline` need no build step before them. Checks what the deployment is told
 * before anything is made of it, the environment of the functions, and the stage's parameters before `serverless deploy` changes
 * anything in AWS. Tags what is deployed. Says what to do next after `serverless deploy` and `serverless info`.
 * This file is JavaScript because osls loads plugins with whatever Node it was started with.
 */
export default class SmsAeroPlugin {
  constructor(serverless, _options, { log }) {
    const bundleAll = async () => {
      const { bundle, describe } = await load('./bundle.ts');
      for (const line of describe(await bundle({ root: serverless.serviceDir }))) {
        log.notice(`Bundled ${line}`);
      }
      for (const name of serverless.service.getAllFunctions()) {
        serverless.service.getFunction(name).package = { patterns: [`dist/${name}/*.mjs`] };
      }
    };
    // osls prints an error of this class without a stack.
    const refusal = (message) => new serverless.classes.Error(message, 'SMSAERO_PARAMETERS');
    const refuse = (problems) => {
      if (problems.length > 0) throw refusal(problems.join('\n'));
    };
    const checkDeployment = async () => {
      const { commands, options, isHelpRequest } = serverless.processedInput;
      if (isHelpRequest || !CHECKED.includes(commands.join(' '))) return;
      const { params, provider } = serverless.configurationInput;
      const region = options.region ?? provider.region;
      const { AWS_REGION = region } = process.env;
      if (AWS_REGION !== region && commands[0] === 'deploy') {
        log.warning(
          `The region is ${region}. AWS_REGION is not looked at: --region ${AWS_REGION} deploys there.`,
        );
      }
      const { deploymentProblems } = await load('./check-deployment.ts');
      refuse(
        deploymentProblems({
          params,
          options: options.param ?? [],
          stage: options.stage ?? provider.stage ?? 'dev',
          region,
          isLocal: commands[0] === 'offline',
        }),
      );
    };
    const checkFunctions = async () => {
      const { functionProblems } = await load('./check-deployment.ts');
      const { compiledCloudFormationTemplate, environment } = serverless.service.provider;
      const packaged = Object.values(compiledCloudFormationTemplate?.Resources ?? {})
        .filter(({ Type }) => Type === 'AWS::Lambda::Function')
        .map(({ Properties: { FunctionName, Environment } }) => [FunctionName, Environment?.Variables ?? {}]);
      // `deploy function` makes no template.
      const configured = () =>
        serverless.service.getAllFunctions().map((name) => {
          const { environment: own } = serverless.service.getFunction(name);
          return [name, { ...environment, ...own }];
        });
      refuse(functionProblems(Object.fromEntries(packaged.length > 0 ? packaged : configured())));
    };
    const checkStage = async () => {
      const { checkParameters: wanted } = serverless.service.custom;
      if (wanted === 'off') {
        log.warning('The parameters of the stage were not checked: checkParameters=off');
        return;
      }
      const { checkParameters } = await load('./check-parameters.ts');
      const config = await serverless.getProvider('aws').getAwsSdkV3Config();
      const path = serverless.service.provider.environment.SMSAERO_CONFIG_PATH;
      const found = await checkParameters(path, config).catch(({ message }) => {
        throw refusal(message);
      });
      log.notice(found);
    };
    const finishTemplate = async () => {
      const { compiledCloudFormationTemplate, stackTags } = serverless.service.provider;
      tagResources(compiledCloudFormationTemplate.Resources, stackTags);
      dropEnforcedDependencies(compiledCloudFormationTemplate.Resources);
      await checkFunctions();
    };
    const sayWhatIsNext = () => {
      if (!['deploy', 'info'].includes(serverless.processedInput.commands.join(' '))) return;
      // osls read the stack's outputs for its summary.
      const outputs = serverless.pluginManager.getPlugins().find(({ gatheredData }) => gatheredData?.outputs)
        ?.gatheredData.outputs;
      const provider = serverless.getProvider('aws');
      for (const line of nextSteps(outputs ?? [], provider.getStage(), provider.getRegion()))
        log.notice(line);
    };
    this.asyncInit = checkDeployment; // after variables are resolved, before osls checks what came of them
    this.hooks = {
      'before:package:createDeploymentArtifacts': bundleAll,
      'before:package:function:package': bundleAll,
      'before:deploy:function:initialize': checkFunctions,
      'after:aws:package:finalize:mergeCustomProviderResources': finishTemplate,
      'before:offline:start': bundleAll,
      'before:offline:start:init': bundleAll,
      'before:deploy:deploy': checkStage,
      finalize: sayWhatIsNext,
    };
  }
}

async function load(module) {
  try {
    return await import(module);
  } catch (error) {
    if (error.code !== 'ERR_UNKNOWN_FILE_EXTENSION') throw error;
    throw new Error(
      `Node 24 is needed, and this is ${process.version}: run "npx serverless ...", which takes Node from this project's dependencies`,
      { cause: error },
    );
  }
}

/**
 * What whoever deployed does next, by the outputs of the stack.
 *
 * @param {{ OutputKey?: string, OutputValue?: string }[]} outputs of CloudFormation's DescribeStacks
 * @returns {string[]} lines; none for a stack without outputs
 */
export function nextSteps(outputs, stage, region) {
  const values = Object.fromEntries(outputs.map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue]));
  if (!values.SmsHookUrl) return [];
  const where = `--stage ${stage} --region ${region}`;
  const steps = [
    ['Logto', `Endpoint ${values.SmsHookUrl}`],
    ['', `Authorization: what "${RUN} secret add logto ${where}" prints`],
    ...(values.CognitoSmsSenderArn && !values.UserPoolId
      ? [['Cognito', 'tell your pool: docs/platforms/cognito.md#tell-your-pool']]
      : []),
    ...(values.DashboardUrl ? [['Dashboard', values.DashboardUrl]] : []),
    ...(values.AlarmTopicArn
      ? [
          ['Alarms', 'reach nobody before you subscribe:'],
          ['', `aws sns subscribe --region ${region} --topic-arn ${values.AlarmTopicArn} \\`],
          ['', '  --protocol email --notification-endpoint YOUR_ADDRESS'],
        ]
      : []),
    ['Check', `${RUN} doctor ${where}`],
  ];
  return ['', 'Next:', ...steps.map(([name, text]) => `  ${name.padEnd(11)}${text}`)];
}
