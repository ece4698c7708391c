import { tagResources } from './tags.js';

/**
 * Bundles the functions before osls packages or runs them, so that plain `serverless package`, `serverless deploy`,
 * `serverless deploy function` and `serverless offline` need no build step before them. Checks the stage's parameters before
 * `serverless deploy` changes anything in AWS. Tags what is deployed. It does nothing at any other command.
 * This file is JavaScript because osls loads plugins with whatever Node it was started with.
 */
export default class SmsAeroPlugin {
  /**
   * @param serverless the running osls
   * @param _options the command's options
   * @param utils osls' writers: `log`, `progress`
   */
  constructor(serverless, _options, { log }) {
    const bundleAll = async () => {
      const { bundle, describe } = await load('./bundle.ts');
      for (const line of describe(await bundle({ root: serverless.serviceDir }))) {
        log.notice(`Bundled ${line}`);
      }
    };
    const checkStage = async () => {
      const { checkParameters: wanted } = serverless.service.custom;
      // osls prints an error of its own class without a stack.
      const refusal = (message) => new serverless.classes.Error(message, 'SMSAERO_PARAMETERS');
      if (wanted !== 'on' && wanted !== 'off') {
        throw refusal(`The parameter checkParameters is "on" or "off", not "${wanted}"`);
      }
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
    const tagAll = () => {
      const { compiledCloudFormationTemplate, stackTags } = serverless.service.provider;
      tagResources(compiledCloudFormationTemplate.Resources, stackTags);
    };
    this.hooks = {
      'before:package:createDeploymentArtifacts': bundleAll,
      'before:package:function:package': bundleAll,
      'after:aws:package:finalize:mergeCustomProviderResources': tagAll,
      'before:offline:start': bundleAll,
      'before:offline:start:init': bundleAll,
      'before:deploy:deploy': checkStage,
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
