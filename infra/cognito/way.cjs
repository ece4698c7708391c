/** An error whose text is all that osls prints: it prints the stack. */
const refusal = (message) => Object.assign(new Error(message), { stack: message });

/**
 * Which way Cognito is connected: `off`, `existing` (the parameter `userPoolArn` names a pool) or `example` (the parameter
 * `cognito` asks for a pool); `local` is only for `npm start`. It is the name of a file beside this one. CommonJS, because that is how osls loads it.
 *
 * @returns {Promise<'off' | 'existing' | 'example' | 'local'>}
 * @throws Error that names the parameter which is wrong
 */
module.exports = async ({ resolveVariable }) => {
  const way = await resolveVariable('param:cognito');
  const arn = await resolveVariable('param:userPoolArn');
  if (!['off', 'example', 'local'].includes(way)) {
    throw refusal(
      `The parameter cognito is "off" or "example", not "${way}"; a pool of yours is named by userPoolArn`,
    );
  }
  if (!arn) return way;
  if (way !== 'off') {
    throw refusal(
      `The parameters cognito=${way} and userPoolArn exclude each other: one stack serves one pool`,
    );
  }
  const region = /^arn:aws[a-z-]*:cognito-idp:([a-z0-9-]+):\d{12}:userpool\/\1_[A-Za-z0-9]+$/.exec(arn)?.[1];
  if (!region) {
    throw refusal(
      'The parameter userPoolArn is not the ARN of a user pool: arn:aws:cognito-idp:REGION:ACCOUNT:userpool/REGION_ID',
    );
  }
  const here = await resolveVariable('opt:region, self:provider.region');
  if (region !== here) {
    throw refusal(
      `The user pool is in ${region} and the stack in ${here}: Cognito calls only functions in the region of the pool. Use --region ${region}`,
    );
  }
  return 'existing';
};
