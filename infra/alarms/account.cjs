const { math, ofStage, one, oneOf } = require('./alarm.cjs');

/** From one look of account-monitor to the next, in s. */
const LOOK = 900;

/** More days than any threshold: what counts while nothing is spent. */
const FOR_EVER = 100_000;

/** Half an hour: two looks of account-monitor, so that one that comes late leaves no gap. In s. */
const TWO_LOOKS = 1800;

/** Alarms about what account-monitor sees, by the level of monitoring that has them first. */
module.exports = (stage, balance, days) => {
  const { alarm, own } = ofStage(stage);
  const low = { ComparisonOperator: 'LessThanThreshold' };
  return {
    basic: {
      BalanceAlarm: alarm('balance', `The balance is below ${balance} roubles`, {
        ...one(own('Balance'), 'Minimum', TWO_LOOKS),
        ...low,
        Threshold: balance,
        TreatMissingData: 'ignore', // who cannot look knows nothing new
      }),
      ConfigurationAlarm: alarm(
        'configuration',
        'No configuration could be read, or account-monitor does not run',
        {
          // Every run writes it, so that silence is a 1. One quarter of an hour may be without a run, or not be over: two of three.
          ...math(
            'FILL(unusable, 1)',
            'unusable, or missing',
            { unusable: own('ConfigurationUnusable') },
            LOOK,
            'Maximum',
          ),
          EvaluationPeriods: 3,
          DatapointsToAlarm: 2,
          Threshold: 1,
          TreatMissingData: 'breaching', // if nothing was ever written there is nothing to fill
        },
      ),
    },
    full: {
      DaysLeftAlarm: alarm(
        'days-left',
        `At the rate of the last day, the balance lasts for less than ${days} days`,
        {
          ...math(
            // Not there while nothing is spent, nor while SMS Aero cannot be asked: after an hour of that it is taken back, and raised
            // again by the next answer. Nothing is spent meanwhile.
            `FILL(days, ${FOR_EVER})`,
            'days left',
            { days: own('DaysLeft') },
            LOOK,
            'Minimum',
          ),
          ...low,
          ...oneOf(4), // one look in an hour: SMS Aero does not always answer
          Threshold: days,
        },
      ),
      ConfigurationAgeAlarm: alarm(
        'configuration-age',
        'The configuration could not be read for half an hour',
        {
          ...math('FILL(age, 0)', 'age, s', { age: own('ConfigurationAge') }, LOOK, 'Maximum'),
          ...oneOf(2),
          Threshold: TWO_LOOKS,
        },
      ),
    },
  };
};
