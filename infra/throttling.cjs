/** Reports of a message: up to three changes of its status, and one more for those that SMS Aero sends again. */
const REPORTS_PER_MESSAGE = 4;

/** Messages that each run of sms-queue has under way (SMSAERO_QUEUE_CONCURRENCY): a second each, or less. */
const MESSAGES_PER_RUN = 5;

/** How much faster than messages other requests may come: the backend that sent a message asks for its status until it is final. */
const QUESTIONS_PER_MESSAGE = 10;

/**
 * Limits of API Gateway, as numbers: a parameter of the command line is a string, and CloudFormation passes `RouteSettings` on
 * as it stands.
 *
 * A route that is named has a limit that no other route uses up: who floods `/reports`, which takes no secret, does not keep a
 * backend from its answers, and the other way round.
 */
module.exports = async ({ resolveVariable }) => {
  const [rate, burst, runs] = await Promise.all(
    ['throttlingRate', 'throttlingBurst', 'queueConcurrency'].map(async (name) =>
      Math.round(Number(await resolveVariable(`param:${name}`))),
    ),
  );
  const queued = MESSAGES_PER_RUN * runs; // messages of the queue do not come through API Gateway, and their reports do
  return {
    sending: limits(rate, burst),
    reports: limits(REPORTS_PER_MESSAGE * (rate + queued), REPORTS_PER_MESSAGE * (burst + queued)),
    others: limits(QUESTIONS_PER_MESSAGE * rate, QUESTIONS_PER_MESSAGE * burst),
  };
};

const limits = (rate, burst) => ({
  DetailedMetricsEnabled: false, // one metric a route costs money; the access log has it
  ThrottlingRateLimit: rate,
  ThrottlingBurstLimit: burst,
});
