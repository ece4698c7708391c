const { existsSync, readFileSync } = require('node:fs');
const { join } = require('node:path');

const LOCAL = join(__dirname, '..', 'stages.local.yml');

/** The other usual ending, which nobody would see is not read. */
const MISNAMED = 'stages.local.yaml';

/** Whether there are settings: osls takes no YAML that is comments only. */
const hasLocal = () => existsSync(LOCAL) && /^\s*[^\s#]/m.test(readFileSync(LOCAL, 'utf8'));

const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Entries with a value: osls takes one without for not there. */
const given = (entries) =>
  Object.fromEntries(Object.entries(entries ?? {}).filter(([, value]) => value != null));

/**
 * The deployment parameters by stage: infra/stages.yml, and over it the settings of whoever deploys in `stages.local.yml`, which git
 * ignores. Its `default` goes before every stage of the first file, except for the stage `local` of `npm start`. Nothing is checked
 * here, since osls would wrap what is thrown: infra/check-deployment.ts.
 *
 * @returns {Promise<Record<string, object>>} with a key `stages.local.yml` if that file has no stages with parameters
 */
module.exports = async ({ resolveVariable }) => {
  const stages = await resolveVariable('file(infra/stages.yml)');
  if (existsSync(join(__dirname, '..', MISNAMED))) return { ...stages, [MISNAMED]: null };
  const local = hasLocal() ? await resolveVariable('file(stages.local.yml)') : {};
  if (!isObject(local) || !Object.values(local).every((entry) => entry === null || isObject(entry))) {
    return { ...stages, 'stages.local.yml': null };
  }
  const merged = { default: { ...stages.default, ...given(local.default) } };
  for (const stage of new Set([...Object.keys(stages), ...Object.keys(local), 'local'])) {
    if (stage === 'default') continue;
    const base = stage === 'local' ? stages.default : { ...stages[stage], ...given(local.default) };
    merged[stage] = { ...base, ...given(local[stage]) };
  }
  return merged;
};
