/**
 * Types whose resources take tags, by the property and its form; tests/infra/template.test.ts compares them with CloudFormation's. Not
 * AWS::CloudWatch::Dashboard: its `Tags` are not in every region, and a deployment with them fails there.
 */
const LISTS = [
  'AWS::CloudWatch::Alarm',
  'AWS::DynamoDB::Table',
  'AWS::Events::EventBus',
  'AWS::Events::Rule',
  'AWS::IAM::Role',
  'AWS::KMS::Key',
  'AWS::Lambda::EventSourceMapping',
  'AWS::Lambda::Function',
  'AWS::Logs::LogGroup',
  'AWS::S3::Bucket',
  'AWS::SNS::Topic',
  'AWS::SQS::Queue',
];
const MAPS = {
  'AWS::ApiGatewayV2::Api': 'Tags',
  'AWS::ApiGatewayV2::Stage': 'Tags',
  'AWS::Cognito::UserPool': 'UserPoolTags',
};

/**
 * Tags every resource of a template that takes tags. CloudFormation does so by itself with the tags of a stack, but "the propagation of
 * stack-level tags to resources […] varies by resource type" (CloudFormation template reference, "Resource tagging").
 *
 * @param {Record<string, { Type: string, Properties?: object }>} resources which are changed
 */
export function tagResources(resources, tags) {
  for (const resource of Object.values(resources)) {
    const { Type, Properties = {} } = resource;
    if (LISTS.includes(Type)) {
      const others = (Properties.Tags ?? []).filter(({ Key }) => !(Key in tags));
      const own = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
      resource.Properties = { ...Properties, Tags: [...others, ...own] };
    } else if (Type in MAPS) {
      resource.Properties = { ...Properties, [MAPS[Type]]: { ...Properties[MAPS[Type]], ...tags } };
    }
  }
}

/**
 * Takes away each `DependsOn` that a reference in the properties says already: osls writes both, and linters of CloudFormation warn of it.
 *
 * @param {Record<string, { DependsOn?: string | string[], Properties?: object }>} resources which are changed
 */
export function dropEnforcedDependencies(resources) {
  for (const resource of Object.values(resources)) {
    const text = JSON.stringify(resource.Properties ?? {});
    const isSaid = (id) => text.includes(`{"Ref":"${id}"}`) || text.includes(`{"Fn::GetAtt":["${id}",`);
    const needed = [resource.DependsOn ?? []].flat().filter((id) => !isSaid(id));
    if (needed.length > 0) resource.DependsOn = needed;
    else delete resource.DependsOn;
  }
}
