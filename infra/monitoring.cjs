/** An error whose text is all that osls prints: it prints the stack. */
const refusal = (message) => Object.assign(new Error(message), { stack: message });

/** From the least to the most, which is the order of what they cost. docs/operations.md says what each has. */
const LEVELS = ['off', 'basic', 'full'];

/**
 * How much of the stage is watched by alarms, metrics and a dashboard. CommonJS, because that is how osls loads it.
 *
 * @returns {Promise<'off' | 'basic' | 'full'>}
 * @throws Error that names the parameter, its values and the wrong one
 */
module.exports = async ({ resolveVariable }) => {
  const level = await resolveVariable('param:monitoring');
  if (!LEVELS.includes(level)) {
    throw refusal(`The parameter monitoring is "off", "basic" or "full", not "${level}"`);
  }
  return level;
};
