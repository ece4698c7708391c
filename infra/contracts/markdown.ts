import type { JsonSchema } from './json-schema.ts';

/** The fields of a schema as a table: name with dots, type, whether it must be there, and what it means. */
export function fieldTable(schema: JsonSchema): string {
  return [
    '| field | type | required | meaning |',
    '|---|---|---|---|',
    ...rowsOf(schema, '').map((cells) => `| ${cells.map(escaped).join(' | ')} |`),
  ].join('\n');
}

function rowsOf({ properties = {}, required = [] }: JsonSchema, prefix: string): string[][] {
  return Object.entries(properties).flatMap(([name, field]) => [
    [`\`${prefix}${name}\``, typeOf(field), required.includes(name) ? 'yes' : '', field.description ?? ''],
    ...rowsOf(field, `${prefix}${name}.`),
  ]);
}

/** A type in words: `string, 1 to 64 characters`. */
function typeOf(field: JsonSchema): string {
  const { const: only, enum: values, anyOf, format, minLength, maxLength, minimum } = field;
  if (only !== undefined) return `\`${only}\``;
  if (Array.isArray(values)) return values.map((value) => `\`${value}\``).join(', ');
  if (Array.isArray(anyOf)) return anyOf.map(typeOf).join(', or ');
  if (format === 'date-time') return 'date and time, RFC 3339';
  if (maxLength !== undefined) return `string, ${minLength ?? 0} to ${maxLength} characters`;
  if (minimum !== undefined) return `${field.type}, at least ${minimum}`;
  return field.type ?? 'any';
}

const escaped = (cell: string) => cell.replaceAll('|', '\\|');

/** A value as a block of JSON. */
export function jsonBlock(value: object): string {
  return `\`\`\`json\n${JSON.stringify(value, null, 2)}\n\`\`\``;
}
