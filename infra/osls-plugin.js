/**
 * Bundles the functions before osls packages or runs them, so that plain `serverless package`, `serverless deploy`,
 * `serverless deploy function` and `serverless offline` need no build step before them. It does nothing at any
 * other command. This file is JavaScript because osls loads plugins with whatever Node it was started with.
 */
export default class BundlePlugin {
  /**
   * @param serverless the running osls
   * @param _options the command's options
   * @param utils osls' writers: `log`, `progress`
   */
  constructor(serverless, _options, { log }) {
    const bundleAll = async () => {
      const { bundle, describe } = await loadBundler();
      for (const line of describe(await bundle({ root: serverless.serviceDir }))) {
        log.notice(`Bundled ${line}`);
      }
    };
    this.hooks = {
      'before:package:createDeploymentArtifacts': bundleAll,
      'before:package:function:package': bundleAll,
      'before:offline:start': bundleAll,
      'before:offline:start:init': bundleAll,
    };
  }
}

async function loadBundler() {
  try {
    return await import('./bundle.ts');
  } catch (error) {
    if (error.code !== 'ERR_UNKNOWN_FILE_EXTENSION') throw error;
    throw new Error(
      `Node 24 is needed to bundle, and this is ${process.version}: run "npx serverless ...", which takes Node from this project's dependencies`,
      { cause: error },
    );
  }
}
