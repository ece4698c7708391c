const { alarm, one, own } = require('./alarm.cjs');

/** An error whose text is all that osls prints: it prints the stack. */
const refusal = (message) => Object.assign(new Error(message), { stack: message });

/** Half an hour: two looks of account-monitor, so that one that comes late leaves no gap. In s. */
const TWO_LOOKS = 1800;

/**
 * Alarms about what account-monitor sees. CommonJS, because that is how osls loads it.
 *
 * @throws Error that names the parameter which is wrong
 */
module.exports = async ({ resolveVariable }) => {
  const stage = await resolveVariable('sls:stage');
  const [balance, days] = await Promise.all(
    ['balanceAlarm', 'daysLeftAlarm'].map(async (name) => {
      const value = Number((await resolveVariable(`param:${name}`)) || Number.NaN);
      if (!(value > 0)) throw refusal(`The parameter ${name} is a number above 0`);
      return value;
    }),
  );
  const low = { ComparisonOperator: 'LessThanThreshold' };
  return {
    Resources: {
      BalanceAlarm: alarm(stage, 'balance', `Less than ${balance} roubles are left`, {
        ...one(own(stage, 'Balance'), 'Minimum', TWO_LOOKS),
        ...low,
        Threshold: balance,
        TreatMissingData: 'ignore', // who cannot look knows nothing new
      }),
      DaysLeftAlarm: alarm(stage, 'days-left', `At today's rate the balance lasts less than ${days} days`, {
        ...one(own(stage, 'DaysLeft'), 'Minimum', TWO_LOOKS),
        ...low,
        Threshold: days, // not there while nothing is spent
      }),
      ConfigurationAlarm: alarm(
        stage,
        'configuration',
        'There is no configuration to work with, or account-monitor does not run',
        {
          ...one(own(stage, 'ConfigurationUnusable'), 'Maximum', TWO_LOOKS),
          Threshold: 1,
          TreatMissingData: 'breaching', // it is written by every run
        },
      ),
      ConfigurationAgeAlarm: alarm(
        stage,
        'configuration-age',
        'The configuration could not be read for half an hour',
        { ...one(own(stage, 'ConfigurationAge'), 'Maximum', TWO_LOOKS), Threshold: TWO_LOOKS },
      ),
    },
  };
};
