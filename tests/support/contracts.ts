import { Ajv2020, type AnySchema } from 'ajv/dist/2020.js';
import { default as addFormats } from 'ajv-formats';
import type { JsonSchema } from '../../infra/contracts/json-schema.ts';

/** A validator that reports every problem; formats are checked, and a keyword that it does not know is an error. */
export function createAjv(): Ajv2020 {
  const ajv = new Ajv2020({ allErrors: true, strict: true, strictRequired: false, strictTypes: false });
  addFormats.default(ajv);
  return ajv;
}

/**
 * The problems of a value: where and what; none if it is valid.
 *
 * @param document what the schema's `#/` references are resolved in, if it is a part of a document
 */
export function problemsOf(schema: AnySchema, value: unknown, document?: object): string[] {
  const ajv = createAjv();
  // A part of a document is compiled with its siblings: OpenAPI and AsyncAPI have keywords that JSON Schema has not.
  const whole =
    typeof schema === 'object' && document ? { ...schema, components: componentsOf(document) } : schema;
  ajv.addVocabulary(['components']);
  const validate = ajv.compile(whole);
  return validate(value)
    ? []
    : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

function componentsOf(document: object): object {
  const { components } = document as { components?: { schemas?: object } };
  return { schemas: components?.schemas ?? {} };
}

/** The names of all properties of a schema, with dots, that have no description; those behind a reference are left out. */
export function undescribed(schema: JsonSchema, path = ''): string[] {
  const parts = ['allOf', 'anyOf', 'oneOf'].flatMap((keyword) => (schema[keyword] ?? []) as JsonSchema[]);
  const items = schema['items'] as JsonSchema | undefined;
  return [
    ...Object.entries(schema.properties ?? {}).flatMap(([name, field]) => [
      ...(field.description || '$ref' in field ? [] : [`${path}${name}`]),
      ...undescribed(field, `${path}${name}.`),
    ]),
    ...parts.flatMap((part) => undescribed(part, path)),
    ...(items ? undescribed(items, `${path}[].`) : []),
  ];
}
