/** An error whose text is all that osls prints: it prints the stack. */
const refusal = (message) => Object.assign(new Error(message), { stack: message });

/**
 * How much faster requests may come that send nothing. A code causes two or three of them: SMS Aero's reports, which it does
 * not repeat for ever, and the questions of a backend that waits for the outcome; a campaign's reports come in a burst.
 */
const FASTER = 10;

/**
 * Limits of API Gateway, as numbers: a parameter of the command line is a string, and CloudFormation passes `RouteSettings` on
 * as it stands. CommonJS, because that is how osls loads it.
 *
 * @returns {Promise<{ sending: object, others: object }>} for the route that sends, and for every other one
 * @throws Error that names the parameter which is wrong
 */
module.exports = async ({ resolveVariable }) => {
  const [rate, burst] = await Promise.all(
    ['throttlingRate', 'throttlingBurst'].map(async (name) => {
      const value = Number(await resolveVariable(`param:${name}`));
      if (!(value >= 1)) throw refusal(`The parameter ${name} is a number of at least 1`);
      return Math.round(value);
    }),
  );
  return { sending: limits(rate, burst), others: limits(FASTER * rate, FASTER * burst) };
};

const limits = (rate, burst) => ({
  DetailedMetricsEnabled: false, // one metric a route costs money; the access log has it
  ThrottlingRateLimit: rate,
  ThrottlingBurstLimit: burst,
});
