/** Namespace of the service's metrics; lib/observability/metric-names.ts lists them. */
const NAMESPACE = 'SmsAero';

const dimensions = (byName) => Object.entries(byName).map(([Name, Value]) => ({ Name, Value }));

/**
 * For an alarm that is raised by one period of so many. Every alarm on what is filled is one, unless it wants several: what comes late finds
 * its period filled already, and a single one would pass it over (CloudWatch User Guide, "Metric math", `FILL`).
 */
exports.oneOf = (EvaluationPeriods) => ({ EvaluationPeriods, DatapointsToAlarm: 1 });

/** What an alarm looks at: one metric. */
exports.one = (metric, Statistic, Period) => ({ ...metric, Statistic, Period });

/**
 * What an alarm looks at: an expression over statistics of metrics, by their ids. Each metric stands in `FILL`: for a period without a
 * value CloudWatch takes an older one, so that what is over would stay raised, and what is silent would stay good.
 *
 * @param {string | Record<string, string>} Stat of all metrics, or of each by its id
 */
exports.math = (Expression, Label, metrics, Period, Stat = 'Sum') => ({
  Metrics: [
    { Id: 'result', Expression, Label, ReturnData: true },
    ...Object.entries(metrics).map(([Id, Metric]) => ({
      Id,
      MetricStat: { Metric, Period, Stat: typeof Stat === 'string' ? Stat : Stat[Id] },
      ReturnData: false,
    })),
  ],
});

/** The sum of metrics; one that nothing was written of counts as 0. */
exports.sum = (Label, metrics, Period) =>
  exports.math(
    'SUM(FILL(METRICS(), 0))',
    Label,
    Object.fromEntries(metrics.map((metric, index) => [`m${index}`, metric])),
    Period,
  );

exports.aws = (service, MetricName, by) => ({
  Namespace: `AWS/${service}`,
  MetricName,
  Dimensions: dimensions(by),
});

/** What is made for a stage. */
exports.ofStage = (stage) => ({
  /**
   * An alarm that is raised when a value reaches its threshold, and goes to the topic of all alarms. Its name ends its AlarmName and is
   * its heading in docs/operations/alarms.md.
   *
   * @param {string} description what has happened, without a point at the end
   * @param {object} properties of AWS::CloudWatch::Alarm, beside or instead of these
   */
  alarm: (name, description, properties) => ({
    Type: 'AWS::CloudWatch::Alarm',
    Properties: {
      AlarmName: `smsaero-${stage}-${name}`,
      AlarmDescription: `${description}. What to do: docs/operations/alarms.md#alarm-${name}`,
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      EvaluationPeriods: 1,
      TreatMissingData: 'notBreaching', // most metrics are there only when something happened
      AlarmActions: [{ Ref: 'AlarmTopic' }],
      ...properties,
    },
  }),
  own: (MetricName, by = {}) => ({
    Namespace: NAMESPACE,
    MetricName,
    Dimensions: dimensions({ service: `smsaero-${stage}`, ...by }),
  }),
});

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
