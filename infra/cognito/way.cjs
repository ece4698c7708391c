/**
 * Which way Cognito is connected: `off`, `existing` (the parameter `userPoolArn` names a pool) or `example` (the parameter
 * `cognito` asks for a pool); `local` is for `npm start` only. It is the name of a file beside this one, so that anything else, which
 * infra/check-deployment.ts refuses, is `off`.
 */
module.exports = async ({ resolveVariable }) => {
  if (await resolveVariable('param:userPoolArn')) return 'existing';
  const way = await resolveVariable('param:cognito');
  return ['example', 'local'].includes(way) ? way : 'off';
};
