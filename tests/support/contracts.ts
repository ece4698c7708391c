import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020, type AnySchema } from 'ajv/dist/2020.js';
import { default as addFormats } from 'ajv-formats';
import type * as z from 'zod';
import { OPENAPI } from '../../tools/contracts/openapi.ts';

type JsonSchema = z.core.JSONSchema.BaseSchema;

interface Described {
  readonly description?: string;
  readonly required?: boolean;
  readonly schema: JsonSchema;
}

interface Body {
  readonly content?: Readonly<
    Record<string, { schema: JsonSchema; example?: unknown; examples?: Record<string, { value: unknown }> }>
  >;
}

/** An operation of docs/openapi.json, without references. */
interface Operation {
  readonly parameters?: readonly Described[];
  readonly requestBody?: Body;
  readonly responses: Readonly<Record<string, Body & { headers?: Readonly<Record<string, Described>> }>>;
}

const { paths } = new Validator().resolveRefs({ specification: structuredClone(OPENAPI) }) as {
  paths: Record<string, Record<string, Operation>>;
};

/** All operations of docs/openapi.json by method and path: `POST /sms/logto`. References are replaced by what they mean. */
export const OPERATIONS: ReadonlyMap<string, Operation> = new Map(
  Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item)
      .filter(([key]) => key !== 'parameters')
      .map(([method, operation]) => [`${method.toUpperCase()} ${path}`, operation]),
  ),
);

/** All bodies of an operation with their examples. */
export const bodiesIn = ({ requestBody, responses }: Operation) =>
  Object.entries<Body | undefined>({ request: requestBody, ...responses }).flatMap(([where, body]) =>
    Object.values(body?.content ?? {}).map(({ schema, example, examples }) => ({
      where,
      schema,
      values: examples ? Object.values(examples).map(({ value }) => value) : [example],
    })),
  );

const ajv = new Ajv2020({ allErrors: true, strict: true, strictRequired: false, strictTypes: false });
addFormats.default(ajv);

/**
 * The problems of a value: where and what; none if it is valid. Formats are checked; an unknown keyword is an error.
 *
 * @param schema compiled once for each object: give the same one again
 */
export function problemsOf(schema: AnySchema, value: unknown): string[] {
  const validate = ajv.compile(schema);
  validate(value);
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

/** A schema with nothing but what it describes, for each schema one. */
const closedSchemas = new WeakMap<JsonSchema, AnySchema>();

/** As {@link problemsOf}, and a property that the schema does not describe is a problem, so that it cannot fall behind. */
export function problemsOfClosed(schema: JsonSchema, value: unknown): string[] {
  const closed = closedSchemas.get(schema) ?? { allOf: [schema], unevaluatedProperties: false };
  closedSchemas.set(schema, closed);
  return problemsOf(closed, value);
}

/** The names of all properties of a schema, with dots, that have no description. */
export function undescribed(schema: JsonSchema, path = ''): string[] {
  const { properties = {}, allOf = [], anyOf = [], oneOf = [], items = [] } = schema;
  return [
    ...Object.entries(properties as Record<string, JsonSchema>).flatMap(([name, field]) => [
      ...(field.description ? [] : [`${path}${name}`]),
      ...undescribed(field, `${path}${name}.`),
    ]),
    ...[allOf, anyOf, oneOf, items]
      .flat()
      .flatMap((part) => (typeof part === 'object' ? undescribed(part, `${path}[].`) : [])),
  ];
}
