const makeAlarms = require('./alarms.cjs');
const { failureQueuesOf, functionsOf } = require('./alarms/alarm.cjs');

/** One dashboard with three questions: are codes arriving, what do they cost, is someone abusing us. With `monitoring=full` only. */
module.exports = async (osls) => {
  const [stage, way, level] = await Promise.all(
    ['sls:stage', 'self:custom.cognito', 'self:custom.monitoring'].map(osls.resolveVariable),
  );
  if (level !== 'full') return { Resources: {} };
  const { Resources } = await makeAlarms(osls);
  const alarmNames = Object.values(Resources).flatMap(({ Properties }) => Properties.AlarmName ?? []);
  const body = { start: '-P1D', widgets: arrange(rows(stage, way, alarmNames)) };
  return {
    Resources: {
      Dashboard: {
        Type: 'AWS::CloudWatch::Dashboard',
        Properties: { DashboardName: `smsaero-${stage}`, DashboardBody: { 'Fn::Sub': JSON.stringify(body) } },
      },
    },
    Outputs: {
      DashboardUrl: {
        Description: 'Are codes arriving, what do they cost, is someone abusing us',
        Value: {
          'Fn::Sub': `https://\${AWS::Region}.console.aws.amazon.com/cloudwatch/home?region=\${AWS::Region}#dashboards:name=smsaero-${stage}`,
        },
      },
    },
  };
};

const rows = (stage, way, alarmNames) => {
  /** A metric of the service as a row of `metrics`; `more` may have `stat`, `label`, `id`, `visible`. */
  const m = (name, more = {}) => ['SmsAero', name, 'service', `smsaero-${stage}`, more];
  /** Every metric of a name by these dimensions, whatever their values, as a row of `metrics`. */
  const each = (name, by, label, stat = 'Sum') => [
    {
      expression: `SEARCH('{SmsAero,service,${by.join(',')}} MetricName="${name}" service="smsaero-${stage}"', '${stat}', 300)`,
      label,
    },
  ];
  const fn = (name) => ({ FunctionName: `smsaero-${stage}-${name}` });
  const queue = (name) => ({ QueueName: `smsaero-${stage}-${name}` });
  const api = { ApiId: `\${HttpApi}` };
  return [
    [alarms(alarmNames)],
    [heading('## Are codes arriving?')],
    [
      graph(
        'Messages',
        ['Accepted', 'Duplicate', 'Refused', 'Failed', 'Unknown'].map((name) => m(name)),
        { stacked: true },
      ),
      graph('Not sent, and not known', [
        each('Failed', ['Reason'], 'failed'),
        each('Unknown', ['Reason'], 'unknown'),
      ]),
      graph(
        'Delivered, % of those that SMS Aero took',
        [
          math('100 * FILL(delivered, 0) / taken', 'delivered'),
          m('Delivered', { id: 'delivered', visible: false }),
          m('DeliveryAccepted', { id: 'taken', visible: false }),
        ],
        { period: 1800, yAxis: { left: { min: 0, max: 100 } } },
      ),
    ],
    [
      graph('From sending to the phone, s', [
        m('DeliveryTime', { stat: 'p50', label: 'p50' }),
        m('DeliveryTime', { stat: 'p90', label: 'p90' }),
      ]),
      graph('From the request to the outcome, ms', [
        ...['p50', 'p99'].map((stat) => m('TotalTime', { stat, label: `total ${stat}` })),
        ...['ConfigTime', 'GuardTime', 'GatewayTime', 'RecordTime'].map((name) => m(name, { stat: 'p99' })),
      ]),
      graph('Gates, ms; none: not reached', [each('GateTime', ['Gate'], '', 'Maximum')], {
        period: 900,
      }),
    ],
    [heading('## What do they cost?')],
    [
      graph(
        'The account',
        ['Balance', 'SpentLastDay', 'DaysLeft'].map((name) => m(name, { stat: 'Minimum' })),
        { view: 'singleValue', period: 900 },
      ),
      graph('Roubles an hour', [m('DeliveryCost', { label: 'all messages' })], { period: 3600 }),
      graph(
        'Segments a message',
        [
          math('segments / accepted', 'segments'),
          m('Segments', { id: 'segments', visible: false }),
          m('Accepted', { id: 'accepted', visible: false }),
        ],
        { period: 3600 },
      ),
    ],
    [heading('## Is someone abusing us?')],
    [
      graph(
        'Refused',
        [each('Refused', ['Reason'], ''), each('SignInRefused', ['Reason'], 'sign-in by code:')],
        { stacked: true },
      ),
      graph('Taken by SMS Aero, by country and sender', [
        each('DeliveryAccepted', ['Country', 'Sender'], ''),
      ]),
      graph('Requests', [
        aws('ApiGateway', 'Count', api, { label: 'all' }),
        aws('ApiGateway', '4xx', api, { label: 'refused (4xx)' }),
        aws('ApiGateway', '5xx', api, { label: 'failed (5xx)' }),
        [
          'SmsAero',
          'RequestsThrottled',
          'ApiId',
          `\${HttpApi}`,
          { label: 'refused with 429 by API Gateway' },
        ],
      ]),
    ],
    [heading('## Does it run?')],
    [
      graph(
        'Errors of functions',
        functionsOf(way).map((name) => aws('Lambda', 'Errors', fn(name), { label: name })),
      ),
      graph('The table', [
        m('GuardSkipped'),
        aws('DynamoDB', 'ReadThrottleEvents', { TableName: `smsaero-${stage}` }),
        aws('DynamoDB', 'WriteThrottleEvents', { TableName: `smsaero-${stage}` }),
      ]),
      graph(
        'In the queues',
        ['commands', ...failureQueuesOf(way)].map((name) =>
          aws('SQS', 'ApproximateNumberOfMessagesVisible', queue(name), { label: name }),
        ),
        { stat: 'Maximum' },
      ),
      graph(
        'The oldest command, s',
        [aws('SQS', 'ApproximateAgeOfOldestMessage', queue('commands'), { label: 'commands' })],
        { stat: 'Maximum' },
      ),
    ],
  ];
};

/** Width of a dashboard in columns, and height of a graph. */
const FULL = 24;
const HEIGHT = 6;

/** Puts rows of widgets below each other, those of a row beside each other in equal parts. */
const arrange = (rows) => {
  let y = 0;
  return rows.flatMap((row) => {
    const height = Math.max(...row.map(({ type }) => (type === 'text' ? 1 : type === 'alarm' ? 3 : HEIGHT)));
    const width = FULL / row.length;
    const placed = row.map((widget, index) => ({ ...widget, x: index * width, y, width, height }));
    y += height;
    return placed;
  });
};

const heading = (markdown) => ({ type: 'text', properties: { markdown, background: 'transparent' } });

/**
 * A graph, five minutes a point.
 *
 * @param {unknown[][]} metrics rows of the dashboard's `metrics`
 * @param {object} more properties beside or instead of these
 */
const graph = (title, metrics, more = {}) => ({
  type: 'metric',
  properties: {
    title,
    metrics,
    view: 'timeSeries',
    stat: 'Sum',
    period: 300,
    region: `\${AWS::Region}`,
    ...more,
  },
});

const alarms = (names) => ({
  type: 'alarm',
  properties: {
    title: 'Alarms',
    alarms: names.map(
      (name) => `arn:\${AWS::Partition}:cloudwatch:\${AWS::Region}:\${AWS::AccountId}:alarm:${name}`,
    ),
  },
});

const aws = (service, name, by, more = {}) => [`AWS/${service}`, name, ...Object.entries(by).flat(), more];

const math = (expression, label) => [{ expression, label }];
