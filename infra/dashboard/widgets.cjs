/** Width of a dashboard in columns, and of half of it. */
const FULL = 24;
const HEIGHT = 6;

/** Puts rows of widgets below each other, those of a row beside each other in equal parts. */
exports.arrange = (rows) => {
  let y = 0;
  return rows.flatMap((row) => {
    const height = Math.max(...row.map(({ type }) => (type === 'text' ? 1 : type === 'alarm' ? 3 : HEIGHT)));
    const width = FULL / row.length;
    const placed = row.map((widget, index) => ({ ...widget, x: index * width, y, width, height }));
    y += height;
    return placed;
  });
};

exports.heading = (markdown) => ({ type: 'text', properties: { markdown, background: 'transparent' } });

/**
 * A graph, five minutes a point.
 *
 * @param {unknown[][]} metrics rows of the dashboard's `metrics`
 * @param {object} more properties beside or instead of these
 */
exports.graph = (title, metrics, more = {}) => ({
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

/** Big numbers: the last value of each. */
exports.numbers = (title, metrics, more = {}) =>
  exports.graph(title, metrics, { view: 'singleValue', ...more });

exports.alarms = (title, names) => ({
  type: 'alarm',
  properties: {
    title,
    alarms: names.map(
      (name) => `arn:\${AWS::Partition}:cloudwatch:\${AWS::Region}:\${AWS::AccountId}:alarm:${name}`,
    ),
  },
});

/** A metric of the service as a row of `metrics`; `more` may have `stat`, `label`, `id`, `visible`. */
exports.own = (stage, name, more = {}) => ['SmsAero', name, 'service', `smsaero-${stage}`, more];

exports.aws = (service, name, by, more = {}) => [`AWS/${service}`, name, ...Object.entries(by).flat(), more];

exports.math = (expression, label, more = {}) => [{ expression, label, ...more }];

/** Every metric of a name by these dimensions, whatever their values, as a row of `metrics`. */
exports.each = (stage, name, by, label, stat = 'Sum') => [
  {
    expression: `SEARCH('{SmsAero,service,${by.join(',')}} MetricName="${name}" service="smsaero-${stage}"', '${stat}', 300)`,
    label,
  },
];
