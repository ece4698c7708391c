import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { suite, test } from 'node:test';
import specs from '@asyncapi/specs';
import { Ajv } from 'ajv';
import { default as addFormats } from 'ajv-formats';
import { ASYNCAPI } from '../../../infra/contracts/asyncapi.ts';
import type { JsonSchema } from '../../../infra/contracts/json-schema.ts';
import { problemsOf, undescribed } from '../../support/contracts.ts';

const { channels, operations, components, info } = ASYNCAPI;

interface Message {
  readonly payload: JsonSchema;
  readonly examples: readonly { readonly payload: object }[];
}
const messages = Object.entries(components.messages) as unknown as [string, Message][];

suite('The AsyncAPI document', () => {
  test('is one, by the schema of the specification', () => {
    const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: true });
    addFormats.default(ajv);
    const validate = ajv.compile(specs.schemasWithoutId['3.0.0'] as object);
    assert.ok(validate(ASYNCAPI), JSON.stringify(validate.errors?.slice(0, 5), null, 1));
  });

  test('has no reference that leads nowhere', () => {
    const references = JSON.stringify(ASYNCAPI).matchAll(/"\$ref":"#\/([^"]+)"/g);
    for (const [, path = ''] of references) {
      const found = path
        .split('/')
        .reduce((value: unknown, key) => (value as Record<string, unknown>)?.[key], ASYNCAPI);
      assert.ok(found, path);
    }
  });

  test('has a title, a summary and a known tag for every operation, and every channel in one', () => {
    const tags = info.tags.map(({ name }) => name);
    for (const [name, operation] of Object.entries(operations)) {
      assert.ok(operation.title && operation.summary, name);
      assert.ok(operation.tags.length > 0 && operation.tags.every((tag) => tags.includes(tag.name)), name);
      assert.ok(operation.messages.length > 0, name);
    }
    assert.deepEqual(
      Object.values(operations).map(({ channel }) => channel.$ref),
      Object.keys(channels).map((name) => `#/channels/${name}`),
    );
  });

  for (const [name, { payload, examples }] of messages) {
    test(`has valid examples of ${name}, which no other kind of message takes`, () => {
      assert.ok(examples.length > 0);
      for (const example of examples) {
        const taking = messages.filter(
          ([, other]) => problemsOf(other.payload, example.payload, ASYNCAPI).length === 0,
        );
        assert.deepEqual(
          taking.map(([taker]) => taker),
          [name],
        );
      }
      assert.deepEqual(undescribed(payload), []);
    });
  }

  test('names the queue and the bus as the deployment does', async () => {
    const infra = resolve(import.meta.dirname, '../../../infra');
    const named = async (file: string, name: string) =>
      (await readFile(resolve(infra, file), 'utf8')).includes(
        `Name: ${name.replace('{stage}', `\${sls:stage}`)}\n`,
      );
    assert.ok(await named('queue.yml', channels.commandQueue.address));
    assert.ok(await named('events.yml', channels.commandBus.address));
    assert.ok(await named('events.yml', channels.deliveryBus.address));
  });

  test('describes every field', () => {
    const schemas: JsonSchema[] = Object.values(components.schemas);
    assert.deepEqual(
      schemas.flatMap((schema) => undescribed(schema)),
      [],
    );
  });
});
