import * as z from 'zod';

/** RFC 3339 in UTC, as the events have it: zod's pattern spells out the calendar in 300 characters. */
const DATE_TIME_UTC = '^\\d{4}-\\d{2}-\\d{2}T[\\d:.]+Z$';

/**
 * The JSON Schema (draft 2020-12) of what a zod schema takes. Further fields are allowed wherever zod drops them, so that a reader of today
 * survives a field of tomorrow.
 *
 * @param schema of `zod` or `zod/mini`
 * @returns the schema without `$schema`, as a part of a document
 */
export function jsonSchemaOf(schema: z.core.$ZodType): z.core.JSONSchema.BaseSchema {
  const { $schema: _, ...json } = z.toJSONSchema(schema, {
    io: 'input',
    override: ({ jsonSchema }) => {
      if (jsonSchema.format === 'date-time' && jsonSchema.pattern) jsonSchema.pattern = DATE_TIME_UTC;
      // The bounds of exact integers in JavaScript say nothing of the field.
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
    },
  });
  return json;
}
