/** An error whose text is all that osls prints: it prints the stack. */
const refusal = (message) => Object.assign(new Error(message), { stack: message });

// lib/environment.ts checks the same of what the functions get, but osls may run on a Node that loads no TypeScript.
const LOOPBACK = ['127.0.0.1', '[::1]', 'localhost'];

/**
 * URLs that functions are told: those of this stack, which only CloudFormation knows, unless a parameter names another one.
 * Then they are plain strings: serverless-offline makes `h` of an `Fn::Sub` and an object of a `Ref`. CommonJS, because that is
 * how osls loads it.
 *
 * @returns {Promise<{ reports: unknown, commands: unknown, deadLetters: unknown }>} where SMS Aero reports deliveries to, a
 *   caller's token to be added as one more part, and the two queues
 * @throws Error that names the parameter which is wrong
 */
module.exports = async ({ resolveVariable }) => {
  const reports = await resolveVariable('param:reportUrl');
  const queues = await resolveVariable('param:queuesUrl');
  const stage = await resolveVariable('sls:stage');
  const queue = (logicalId, name) =>
    queues ? `${checked('queuesUrl', queues)}/smsaero-${stage}-${name}` : { Ref: logicalId };
  return {
    reports: reports
      ? checked('reportUrl', reports)
      : { 'Fn::Sub': `https://\${HttpApi}.execute-api.\${AWS::Region}.\${AWS::URLSuffix}/reports` },
    commands: queue('CommandQueue', 'commands'),
    deadLetters: queue('DeadLetterQueue', 'dead-letters'),
  };
};

/** The URL without a slash at its end. */
function checked(parameter, value) {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  const secure = url?.protocol === 'https:' || (url?.protocol === 'http:' && LOOPBACK.includes(url.hostname));
  if (!secure || url.search || url.hash || url.username || url.password) {
    throw refusal(
      `The parameter ${parameter} is an https URL without query (http only on loopback), not "${value}"`,
    );
  }
  return url.href.replace(/\/+$/, '');
}
