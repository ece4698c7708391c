import assert from 'node:assert/strict';
import { it } from 'node:test';
import { circleIn } from './circle.ts';
import type { Resource } from './packaged.ts';
import { problemsOf } from './specification.ts';

/** A right template, with a stage that is changed. */
const template = (properties: object = {}, more: object = {}, others: Record<string, Resource> = {}) => ({
  Resources: {
    Api: { Type: 'AWS::ApiGatewayV2::Api', Properties: { Name: 'test', ProtocolType: 'HTTP' } },
    Stage: {
      Type: 'AWS::ApiGatewayV2::Stage',
      Properties: {
        ApiId: { 'Fn::GetAtt': ['Api', 'ApiId'] },
        StageName: '$default',
        DefaultRouteSettings: { ThrottlingRateLimit: 5, ThrottlingBurstLimit: 10 },
        ...properties,
      },
      ...more,
    },
    ...others,
  },
  Outputs: { Url: { Value: { 'Fn::Sub': `https://\${Api}.execute-api.\${AWS::Region}.amazonaws.com` } } },
});

it('the comparison with the CloudFormation specification finds what is wrong, and nothing else', () => {
  for (const [found, built] of [
    [[], template()],
    [['Other: unknown type AWS::A::B'], template({}, {}, { Other: { Type: 'AWS::A::B' } })],
    [['Stage.Throttling: unknown'], template({ Throttling: 1 })],
    [['Stage.DefaultRouteSettings.Rate: unknown'], template({ DefaultRouteSettings: { Rate: 1 } })],
    [['Stage.StageName: required'], template({ StageName: undefined })],
    [['Stage.StageName: a string is expected'], template({ StageName: 1 })],
    [['Stage.AutoDeploy: a boolean is expected'], template({ AutoDeploy: 'yes' })],
    [
      ['Stage.DefaultRouteSettings.ThrottlingBurstLimit: an integer is expected'],
      template({ DefaultRouteSettings: { ThrottlingBurstLimit: 0.5 } }),
    ],
    [['Stage: no condition Wanted'], template({}, { Condition: 'Wanted' })],
    [
      ['template.Resources.Stage.Properties.ApiId: Gone does not exist'],
      template({ ApiId: { Ref: 'Gone' } }),
    ],
    [
      ['template.Resources.Stage.Properties.ApiId: Api.Gone does not exist'],
      template({ ApiId: { 'Fn::GetAtt': ['Api', 'Gone'] } }),
    ],
  ] as const) {
    assert.deepEqual(problemsOf(JSON.parse(JSON.stringify(built))), found);
  }
});

it('the search for circles finds one by whatever makes one resource need another', () => {
  const circle = (properties: object, more: object = {}) =>
    circleIn({
      Resources: {
        A: { Type: 'T', Properties: properties, ...more },
        B: { Type: 'T', Properties: { Arn: { 'Fn::GetAtt': ['C', 'Arn'] } } },
        C: { Type: 'T', DependsOn: ['A'] },
      },
      Outputs: {},
    });
  assert.deepEqual(circle({}), []);
  for (const way of [
    circle({ Id: { Ref: 'B' } }),
    circle({ Ids: [{ 'Fn::GetAtt': ['B', 'Arn'] }] }),
    circle({ Name: { 'Fn::Sub': `\${AWS::Region}-\${B.Arn}` } }),
    circle({ Name: { 'Fn::Sub': `to \${B}` } }),
    circle({}, { DependsOn: 'B' }),
  ]) {
    assert.deepEqual(way, ['A', 'B', 'C', 'A']);
  }
});
