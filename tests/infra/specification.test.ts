import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { circleIn } from './circle.ts';
import { problemsOf } from './specification.ts';

const right = {
  Resources: {
    Api: { Type: 'AWS::ApiGatewayV2::Api', Properties: { Name: 'test', ProtocolType: 'HTTP' } },
    Stage: {
      Type: 'AWS::ApiGatewayV2::Stage',
      DependsOn: 'Api',
      Properties: {
        ApiId: { 'Fn::GetAtt': ['Api', 'ApiId'] },
        StageName: '$default',
        AutoDeploy: true,
        DefaultRouteSettings: { ThrottlingRateLimit: 5, ThrottlingBurstLimit: 10 },
      },
    },
  },
  Outputs: { Url: { Value: { 'Fn::Sub': `https://\${Api}.execute-api.\${AWS::Region}.amazonaws.com` } } },
};

/** The problems of the right template with other properties of its stage. */
const problemsWith = (properties: object) => {
  const { Api, Stage } = right.Resources;
  const changed = { ...Stage, Properties: { ...Stage.Properties, ...properties } };
  return problemsOf({ ...right, Resources: { Api, Stage: changed } });
};

describe('the comparison with the CloudFormation specification', () => {
  it('finds nothing in a right template', () => assert.deepEqual(problemsOf(right), []));

  it('finds an unknown type', () => {
    const template = {
      ...right,
      Resources: { ...right.Resources, Other: { Type: 'AWS::ApiGatewayV2::Other' } },
    };
    assert.deepEqual(problemsOf(template), ['Other: unknown type AWS::ApiGatewayV2::Other']);
  });

  it('finds an unknown property, also a nested one', () => {
    assert.deepEqual(problemsWith({ Throttling: 1 }), ['Stage.Throttling: unknown']);
    assert.deepEqual(problemsWith({ DefaultRouteSettings: { Rate: 1 } }), [
      'Stage.DefaultRouteSettings.Rate: unknown',
    ]);
  });

  it('finds what is missing', () => {
    const { StageName: _, ...properties } = right.Resources.Stage.Properties;
    const Stage = { ...right.Resources.Stage, Properties: properties };
    assert.deepEqual(problemsOf({ ...right, Resources: { ...right.Resources, Stage } }), [
      'Stage.StageName: required',
    ]);
  });

  it('finds a value of another type', () => {
    assert.deepEqual(problemsWith({ StageName: 1 }), ['Stage.StageName: a string is expected']);
    assert.deepEqual(problemsWith({ AutoDeploy: 'yes' }), ['Stage.AutoDeploy: a boolean is expected']);
    assert.deepEqual(problemsWith({ DefaultRouteSettings: { ThrottlingBurstLimit: 0.5 } }), [
      'Stage.DefaultRouteSettings.ThrottlingBurstLimit: an integer is expected',
    ]);
  });

  it('finds conditions that are not there', () => {
    const Stage = { ...right.Resources.Stage, Condition: 'Wanted' };
    const asked = {
      ...right,
      Resources: { ...right.Resources, Stage },
      Outputs: { Url: { Value: { 'Fn::If': ['Asked', 1, 2] } } },
    };
    assert.deepEqual(problemsOf(asked), ['Stage: no condition Wanted', 'Fn::If: no condition Asked']);
    assert.deepEqual(problemsOf({ ...asked, Conditions: { Wanted: {}, Asked: {} } }), []);
  });

  it('finds references without a target', () => {
    assert.deepEqual(problemsWith({ ApiId: { Ref: 'Gone' } }), [
      'template.Resources.Stage.Properties.ApiId: Gone does not exist',
    ]);
    assert.deepEqual(problemsWith({ ApiId: { 'Fn::GetAtt': ['Api', 'Gone'] } }), [
      'template.Resources.Stage.Properties.ApiId: Api.Gone does not exist',
    ]);
    assert.deepEqual(problemsOf({ ...right, Outputs: { Url: { Value: { 'Fn::Sub': `\${Gone}` } } } }), [
      'template.Outputs.Url.Value: Gone does not exist',
    ]);
  });
});

describe('the search for circles', () => {
  const resource = (Properties: object, DependsOn?: string | string[]) => ({
    Type: 'AWS::Test::Test',
    Properties,
    ...(DependsOn ? { DependsOn } : {}),
  });
  const template = (first: ReturnType<typeof resource>) => ({
    Resources: { A: first, B: resource({ Arn: { 'Fn::GetAtt': ['C', 'Arn'] } }), C: resource({}, ['A']) },
    Outputs: {},
  });

  it('finds none where there is none', () => assert.deepEqual(circleIn(template(resource({}))), []));

  it('finds one by whatever makes one resource need another', () => {
    const ways = [
      resource({ Id: { Ref: 'B' } }),
      resource({ Ids: [{ 'Fn::GetAtt': ['B', 'Arn'] }] }),
      resource({ Name: { 'Fn::Sub': `\${AWS::Region}-\${B.Arn}` } }),
      resource({ Name: { 'Fn::Sub': `to \${B}` } }),
      resource({}, 'B'),
    ];
    for (const way of ways) assert.deepEqual(circleIn(template(way)), ['A', 'B', 'C', 'A']);
  });
});
