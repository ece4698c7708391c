import { loadAwsServiceSpecSync } from '@aws-cdk/aws-service-spec';
import type { Template } from './packaged.ts';

const specification = loadAwsServiceSpecSync();

type ResourceSpecification = ReturnType<typeof specification.all<'resource'>>[number];
type Properties = ResourceSpecification['properties'];
type PropertyType = Properties[string]['type'];

const INTRINSIC = /^(Ref|Fn::[A-Za-z]+)$/;
const PSEUDO_PARAMETER = /^AWS::/;

/**
 * Compares a template with the CloudFormation specification: resource types, names of properties at every depth,
 * required ones, primitive types, and whether each reference has its target.
 *
 * @returns one line a problem, none when the template is right
 */
export function problemsOf(template: Template): string[] {
  const problems = Object.entries(template.Resources).flatMap(([id, resource]) => {
    const found = find(resource.Type);
    if (!found) return [`${id}: unknown type ${resource.Type}`];
    const dependencies = [resource.DependsOn ?? []].flat();
    return [
      ...objectProblems(id, resource.Properties ?? {}, found.properties),
      ...dependencies.flatMap((name) =>
        name in template.Resources ? [] : [`${id}: depends on missing ${name}`],
      ),
    ];
  });
  const missing = Object.entries({ ...template.Resources, ...template.Outputs }).flatMap(([id, value]) =>
    referencesIn(value)
      .filter((name) => !resolves(template, name))
      .map((name) => `${id}: ${name} does not exist`),
  );
  return [...problems, ...missing];
}

const find = (type: string) => specification.lookup('resource', 'cloudFormationType', 'equals', type)[0];

/** The property with the tags of a type of resource; undefined if it takes none. */
export const tagPropertyOf = (type: string) => find(type)?.tagInformation?.tagPropertyName;

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isIntrinsic = (value: unknown): boolean => {
  const keys = isObject(value) ? Object.keys(value) : [];
  return keys.length === 1 && INTRINSIC.test(keys[0] ?? '');
};

function objectProblems(path: string, value: unknown, properties: Properties): string[] {
  if (!isObject(value)) return [`${path}: an object is expected`];
  const missing = Object.keys(properties).filter((name) => properties[name]?.required && !(name in value));
  return [
    ...missing.map((name) => `${path}.${name}: required`),
    ...Object.entries(value).flatMap(([name, inner]) => {
      const property = properties[name];
      return property ? valueProblems(`${path}.${name}`, inner, property.type) : [`${path}.${name}: unknown`];
    }),
  ];
}

function valueProblems(path: string, value: unknown, type: PropertyType): string[] {
  if (isIntrinsic(value)) return [];
  switch (type.type) {
    case 'ref':
      return objectProblems(path, value, specification.get('typeDefinition', type.reference.$ref).properties);
    case 'array':
      if (!Array.isArray(value)) return [`${path}: an array is expected`];
      return value.flatMap((inner, index) => valueProblems(`${path}[${index}]`, inner, type.element));
    case 'map':
      if (!isObject(value)) return [`${path}: a map is expected`];
      return Object.entries(value).flatMap(([key, inner]) =>
        valueProblems(`${path}.${key}`, inner, type.element),
      );
    case 'union': {
      const each = type.types.map((one) => valueProblems(path, value, one));
      return each.find((problems) => problems.length === 0) ?? each[0] ?? [];
    }
    case 'integer':
      return Number.isInteger(value) ? [] : [`${path}: an integer is expected`];
    case 'string':
    case 'number':
    case 'boolean':
      return typeof value === type.type ? [] : [`${path}: a ${type.type} is expected`];
    default:
      return [];
  }
}

/** What a value refers to by `Ref`, `Fn::GetAtt` and the variables of `Fn::Sub`, anywhere in it: `Queue.Arn`. */
export function referencesIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  const { Ref, 'Fn::GetAtt': attribute, 'Fn::Sub': text } = value as Record<string, unknown>;
  return [
    ...(typeof Ref === 'string' ? [Ref] : []),
    ...(Array.isArray(attribute) ? [attribute.join('.')] : []),
    ...Array.from(String(text ?? '').matchAll(/\$\{([^!}]+)\}/g), ([, name]) => String(name)),
    ...Object.values(value).flatMap(referencesIn),
  ];
}

/**
 * Looks for resources that need each other, by references or `DependsOn`: CloudFormation refuses them.
 *
 * @returns the logical ids of those that no order could make
 */
export function circlesIn({ Resources }: Template): string[] {
  let left = Object.keys(Resources);
  for (;;) {
    const waiting = left.filter((id) => {
      const { DependsOn = [], Properties } = Resources[id] ?? {};
      const needed = [
        ...[DependsOn].flat(),
        ...referencesIn(Properties).map((name) => name.split('.')[0] ?? ''),
      ];
      return needed.some((name) => left.includes(name));
    });
    if (waiting.length === left.length) return waiting;
    left = waiting;
  }
}

function resolves({ Resources }: Template, reference: string): boolean {
  if (PSEUDO_PARAMETER.test(reference)) return true;
  const [id = '', ...attribute] = reference.split('.');
  const type = Resources[id]?.Type;
  return (
    type !== undefined && (attribute.length === 0 || attribute.join('.') in (find(type)?.attributes ?? {}))
  );
}
