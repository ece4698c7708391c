const { math, ofStage, oneOf, sum } = require('./alarm.cjs');

/** A quarter of an hour: long enough for a share to be one, short enough for a code to matter. In s. */
const QUARTER = 900;

const value = (name) => `FILL(${name}, 0)`;

/** 1 where an outcome is so many at least, and so many percent of all that `sum` adds up; 0 else. Nothing is divided, so not by 0. */
const many = (name, least, percent, sum) =>
  `(${value(name)} >= ${least}) * ((100 * ${value(name)}) >= (${percent} * (${sum.map(value).join(' + ')})))`;

/**
 * Alarms about messages, by the level of monitoring that has them first. A share is asked for together with a number, so that one of two
 * messages at night wakes nobody.
 */
module.exports = (stage) => {
  const { alarm, own } = ofStage(stage);
  const sent = (...names) => Object.fromEntries(names.map((name) => [name.toLowerCase(), own(name)]));
  const messages = ['accepted', 'failed', 'unknown'];
  return {
    basic: {
      // Not one code is sent from the first of these on. At night only account-monitor asks, every quarter of an hour, and a line of
      // metrics counts a minute or two later. So four periods of five minutes: with three, the alarm would be taken back and raised again
      // between any two looks. One metric has messages, tries of commands and the looks together: each metric of an alarm costs.
      CredentialsAlarm: alarm('credentials', 'SMS Aero refuses the credentials: no code is sent', {
        ...sum('credentials refused', [own('CredentialsRefused')], 300),
        ...oneOf(4),
        Threshold: 1,
      }),
      // Both in one alarm: two of them would look at the same three metrics, and each is paid for in each alarm.
      FailureAlarm: alarm(
        'failures',
        'A fifth of all messages failed (at least 5), or a tenth are unknown (at least 3)',
        {
          ...math(
            `${many('failed', 5, 20, messages)} + ${many('unknown', 3, 10, messages)}`,
            'too many failed, or unknown',
            sent('Failed', 'Unknown', 'Accepted'),
            QUARTER,
          ),
          ...oneOf(2),
          Threshold: 1,
        },
      ),
      // People who press "again" too early are 10 to 20 %; an attack is refused nine times of ten.
      RefusalAlarm: alarm(
        'refusals',
        'Two of five requests are refused (at least 30): an attack, or people who get no code',
        {
          ...math(
            many('refused', 30, 40, ['refused', 'accepted']),
            'too many refused',
            sent('Refused', 'Accepted'),
            QUARTER,
          ),
          ...oneOf(2),
          Threshold: 1,
        },
      ),
    },
    full: {
      // Two half hours, one after the other: what SMS Aero took at the end of one is delivered in the next. Without a single report
      // delivery-check finds out in 10 to 15 minutes.
      DeliveryAlarm: alarm('deliveries', 'Less than 70 % of the messages arrive', {
        ...math(
          // What is added to the divisor is 1 where there are too few, and 0 else: nothing is divided by 0.
          'IF(FILL(deliveryaccepted, 0) >= 20, 100 * FILL(delivered, 0) / (FILL(deliveryaccepted, 0) + (FILL(deliveryaccepted, 0) < 20)), 100)',
          'delivered, %',
          sent('DeliveryAccepted', 'Delivered'),
          1800,
        ),
        ComparisonOperator: 'LessThanThreshold',
        EvaluationPeriods: 2,
        Threshold: 70,
      }),
    },
  };
};
