const { alarm, math, oneOf, own, sum } = require('./alarm.cjs');

/** A quarter of an hour: long enough for a share to be one, short enough for a code to matter. In s. */
const QUARTER = 900;

/** The share of one outcome in %, 0 where there are less than `least` of it. What is added to the divisor is 1 then, and 0 else. */
const share = (name, least, others) => {
  const [value, ...rest] = [name, ...others].map((each) => `FILL(${each}, 0)`);
  return `IF(${value} >= ${least}, 100 * ${value} / (${[value, ...rest].join(' + ')} + (${value} < ${least})), 0)`;
};

/**
 * Alarms about messages. A share is asked for together with a number, so that one of two messages at night wakes nobody. CommonJS, because
 * that is how osls loads it.
 */
module.exports = async ({ resolveVariable }) => {
  const stage = await resolveVariable('sls:stage');
  const sent = (...names) => Object.fromEntries(names.map((name) => [name.toLowerCase(), own(stage, name)]));
  return {
    Resources: {
      // Not one code is sent from the first of these on. At night account-monitor alone asks, every quarter of an hour, and a line of
      // metrics counts a minute or two later. So four periods of five minutes: with three, the alarm would be taken back and raised again
      // between any two looks.
      CredentialsAlarm: alarm(
        stage,
        'credentials',
        'SMS Aero does not take the credentials: no code is sent',
        {
          ...sum(
            'credentials rejected',
            ['unauthorized', 'ip_not_allowed'].flatMap((Reason) => [
              own(stage, 'Failed', { Reason }),
              own(stage, 'AccountRefused', { Reason }),
              own(stage, 'CommandRetried', { Reason }),
            ]),
            300,
          ),
          ...oneOf(4),
          Threshold: 1,
        },
      ),
      FailureAlarm: alarm(stage, 'failures', 'A fifth of all messages, and five at least, were not sent', {
        ...math(
          share('failed', 5, ['accepted', 'unknown']),
          'failed, %',
          sent('Failed', 'Accepted', 'Unknown'),
          QUARTER,
        ),
        ...oneOf(2),
        Threshold: 20,
      }),
      UnknownAlarm: alarm(
        stage,
        'unknown',
        'Of a tenth of all messages, and three at least, it is not known whether they were sent',
        {
          ...math(
            share('unknown', 3, ['accepted', 'failed']),
            'unknown, %',
            sent('Unknown', 'Accepted', 'Failed'),
            QUARTER,
          ),
          ...oneOf(2),
          Threshold: 10,
        },
      ),
      // Two half hours, one after the other: what SMS Aero took at the end of one is delivered in the next. Without a single report
      // delivery-check finds out in 10 to 15 minutes.
      DeliveryAlarm: alarm(stage, 'deliveries', 'Less than 70 % of the messages arrive', {
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
      // People who press "again" too early are 10 to 20 %; an attack is refused nine times of ten.
      RefusalAlarm: alarm(
        stage,
        'refusals',
        'Two of five requests, and 30 at least, are refused: an attack',
        {
          ...math(share('refused', 30, ['accepted']), 'refused, %', sent('Refused', 'Accepted'), QUARTER),
          ...oneOf(2),
          Threshold: 40,
        },
      ),
    },
  };
};
