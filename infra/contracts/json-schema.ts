import * as z from 'zod';

/** A JSON Schema, or a part of one: the keywords that the generators read; draft 2020-12 has more. */
export interface JsonSchema {
  readonly type?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly [keyword: string]: unknown;
}

/** RFC 3339 in UTC, as the events have it: zod's own pattern spells out the calendar in 300 characters. */
const DATE_TIME_UTC = '^\\d{4}-\\d{2}-\\d{2}T[\\d:.]+Z$';

/**
 * The JSON Schema (draft 2020-12) of what a zod schema takes. Further fields are allowed wherever zod drops them, so that a reader of today
 * survives a field of tomorrow.
 *
 * @param schema of `zod` or `zod/mini`
 * @returns the schema without `$schema`, to stand in a document of its own or as a part of one
 */
export function jsonSchemaOf(schema: z.core.$ZodType): JsonSchema {
  const { $schema: _, ...json } = z.toJSONSchema(schema, {
    io: 'input',
    override: ({ jsonSchema }) => {
      if (jsonSchema.format === 'date-time' && jsonSchema.pattern) jsonSchema.pattern = DATE_TIME_UTC;
      // The bounds of exact integers in JavaScript say nothing of the field.
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
    },
  });
  return json as JsonSchema;
}

/**
 * A JSON Schema as a file of its own.
 *
 * @param name what follows `urn:smsaero-lambda:` in its `$id`
 */
export function schemaDocument(name: string, title: string, schema: JsonSchema, examples: readonly object[]) {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: `urn:smsaero-lambda:${name}`,
    title,
    ...schema,
    examples,
  };
}
