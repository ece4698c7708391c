import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { arnOf, logicalName } from './functions.ts';
import { packageService, propertiesIn, resourcesOf } from './packaged.ts';

const { template } = await packageService('dev');
const { template: example } = await packageService('example');
const { template: own } = await packageService('own');

const ROUTES = {
  'GET /messages/{id}': 'message-status',
  'GET /reports/{token}': 'delivery-report',
  'POST /reports/{token}': 'delivery-report',
  'POST /sms/{platform}': 'sms-hook',
};

describe('the API', () => {
  it('has these routes, in payload format 2.0', () => {
    const routes = resourcesOf(template, 'AWS::ApiGatewayV2::Route').map(([, { Properties }]) => Properties);
    assert.deepEqual(routes.map(({ RouteKey }) => RouteKey).sort(), Object.keys(ROUTES));
    for (const [route, name] of Object.entries(ROUTES)) {
      const integration = `HttpApiIntegration${logicalName(name)}`;
      assert.deepEqual(routes.find(({ RouteKey }) => RouteKey === route)?.Target, {
        'Fn::Join': ['/', ['integrations', { Ref: integration }]],
      });
      const { IntegrationUri, PayloadFormatVersion } = propertiesIn(template, integration);
      assert.deepEqual(IntegrationUri, arnOf(`${logicalName(name)}LambdaFunction`));
      assert.equal(PayloadFormatVersion, '2.0');
    }
    assert.deepEqual(template.Outputs['SmsHookUrl']?.Value, {
      'Fn::Sub': `https://\${HttpApi}.execute-api.\${AWS::Region}.\${AWS::URLSuffix}/sms/logto`,
    });
  });

  it('keeps nothing of what a caller wrote in the access log', () => {
    const { Format } = propertiesIn(template, 'HttpApiStage').AccessLogSettings;
    const values = Object.values(JSON.parse(Format));
    assert.ok(values.includes('$context.routeKey'));
    for (const value of values) {
      assert.match(String(value), /^\$context\./);
      assert.doesNotMatch(String(value), /path|query|header|authoriz|body|domain|message/i);
    }
  });

  it('limits the rate of requests: to send, of reports, and of all others, each by itself', () => {
    const limits = (rate: number, burst: number) => ({
      DetailedMetricsEnabled: false,
      ThrottlingRateLimit: rate,
      ThrottlingBurstLimit: burst,
    });
    for (const [built, sending, reports, others] of [
      [template, limits(5, 10), limits(120, 140), limits(50, 100)],
      [example, limits(50, 100), limits(300, 500), limits(500, 1_000)],
      // By the command line, whose values are strings: a rate, and nine runs of the queue instead of five.
      [own, limits(7, 100), limits(208, 580), limits(70, 1_000)],
    ] as const) {
      const { DefaultRouteSettings, RouteSettings } = propertiesIn(built, 'HttpApiStage');
      assert.deepEqual(
        [DefaultRouteSettings, Object.values(RouteSettings)],
        [others, [sending, reports, reports]],
      );
    }
  });

  it('names only routes that each release has, and is made after them', () => {
    for (const { Resources } of [template, example, own]) {
      const { DependsOn = [], Properties } = Resources['HttpApiStage'] ?? assert.fail();
      const keys = [DependsOn].flat().map((route) => Resources[route]?.Properties.RouteKey);
      assert.deepEqual(keys, ['POST /sms/{platform}', 'POST /reports/{token}', 'GET /reports/{token}']);
      assert.deepEqual(Object.keys(Properties.RouteSettings), keys);
    }
  });
});
