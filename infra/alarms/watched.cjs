const FUNCTIONS = [
  ...['sms-hook', 'sms-queue', 'message-status', 'delivery-report', 'delivery-check', 'delivery-events'],
  'account-monitor',
];
const COGNITO = ['cognito-sms-sender', 'cognito-auth-challenge'];
const FAILURE_QUEUES = ['dead-letters', 'event-failures'];

/** The functions that a stage has, without its prefix. @param {string} way how Cognito is served, `off` for not at all */
exports.functionsOf = (way) => (way === 'off' ? FUNCTIONS : [...FUNCTIONS, ...COGNITO]);

/** The queues of messages that failed for good. Each has an alarm of its name, in dead-letters.cjs. */
exports.failureQueuesOf = (way) => (way === 'off' ? FAILURE_QUEUES : [...FAILURE_QUEUES, 'cognito-failures']);
