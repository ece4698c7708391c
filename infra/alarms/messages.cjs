const { alarm, math, own, sum } = require('./alarm.cjs');

/** A quarter of an hour: long enough for a share to be one, short enough for a code to matter. In s. */
const QUARTER = 900;

/**
 * Alarms about messages. A share is asked for together with a number, so that one of two messages at night wakes nobody. CommonJS, because
 * that is how osls loads it.
 */
module.exports = async ({ resolveVariable }) => {
  const stage = await resolveVariable('sls:stage');
  const sent = (...names) => Object.fromEntries(names.map((name) => [name.toLowerCase(), own(stage, name)]));
  return {
    Resources: {
      // Not one code is sent from the first of these on. An account that answers nobody is asked every quarter of an hour, so three
      // periods of five minutes: raised at once, and not taken back before the next look.
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
            ]),
            300,
          ),
          EvaluationPeriods: 3,
          DatapointsToAlarm: 1,
          Threshold: 1,
        },
      ),
      FailureAlarm: alarm(stage, 'failures', 'A fifth of all messages, and five at least, were not sent', {
        ...math(
          'IF(failed >= 5, 100 * failed / (failed + FILL(accepted, 0) + FILL(unknown, 0)), 0)',
          'failed, %',
          sent('Failed', 'Accepted', 'Unknown'),
          QUARTER,
        ),
        Threshold: 20,
      }),
      UnknownAlarm: alarm(
        stage,
        'unknown',
        'Of a tenth of all messages, and three at least, it is not known whether they were sent',
        {
          ...math(
            'IF(unknown >= 3, 100 * unknown / (unknown + FILL(accepted, 0) + FILL(failed, 0)), 0)',
            'unknown, %',
            sent('Unknown', 'Accepted', 'Failed'),
            QUARTER,
          ),
          Threshold: 10,
        },
      ),
      // Two half hours, one after the other: what SMS Aero took at the end of one is delivered in the next. Without a single report
      // delivery-check finds out in 10 to 15 minutes.
      DeliveryAlarm: alarm(stage, 'deliveries', 'Less than 70 % of the messages arrive', {
        ...math(
          'IF(deliveryaccepted >= 20, 100 * FILL(delivered, 0) / deliveryaccepted, 100)',
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
          ...math(
            'IF(refused >= 30, 100 * refused / (refused + FILL(accepted, 0)), 0)',
            'refused, %',
            sent('Refused', 'Accepted'),
            QUARTER,
          ),
          Threshold: 40,
        },
      ),
    },
  };
};
