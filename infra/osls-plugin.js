import { createRequire } from 'node:module';
import querystring from 'node:querystring';
import { pathToFileURL } from 'node:url';

/**
 * Bundles the functions before osls packages or runs them, so that plain `serverless package`, `serverless deploy`,
 * `serverless deploy function` and `serverless offline` need no build step before them. Checks the stage's parameters before
 * `serverless deploy` changes anything in AWS. Makes `serverless offline` decode paths. It does nothing at any other command.
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
    const startOffline = async () => {
      await bundleAll();
      await decodePaths();
    };
    this.hooks = {
      'before:package:createDeploymentArtifacts': bundleAll,
      'before:package:function:package': bundleAll,
      'before:offline:start': startOffline,
      'before:offline:start:init': startOffline,
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

/** Whether paths are decoded already: one command may run both hooks. */
let decodesPaths = false;

/**
 * An HTTP API percent-decodes the path before a function gets it, and serverless-offline 14 decodes only the path parameters. Its class
 * of events is not exported, so its file is imported. tests/e2e/start.test.ts fails if this has no effect in another version.
 */
async function decodePaths() {
  if (decodesPaths) return;
  decodesPaths = true;
  const main = pathToFileURL(createRequire(import.meta.url).resolve('serverless-offline'));
  const file = new URL('./events/http/lambda-events/LambdaProxyIntegrationEventV2.js', main);
  const { prototype } = (await import(file)).default;
  const { create } = prototype;
  prototype.create = function createDecoded() {
    const event = create.call(this);
    const path = querystring.unescape(event.rawPath);
    const { http } = event.requestContext;
    return {
      ...event,
      rawPath: path,
      requestContext: { ...event.requestContext, http: { ...http, path } },
    };
  };
}
