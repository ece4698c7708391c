import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { Validator } from '@seriousme/openapi-schema-validator';
import type { JsonSchema } from '../../../infra/contracts/json-schema.ts';
import { OPENAPI } from '../../../infra/contracts/openapi/document.ts';
import { DESCRIBED_PLATFORMS } from '../../../infra/contracts/platforms.ts';
import { readReport } from '../../../lib/delivery/receive-report.ts';
import { reportSchema } from '../../../lib/delivery/report-schema.ts';
import { ERRORS } from '../../../lib/http/error-codes.ts';
import { PLATFORMS } from '../../../lib/platforms/index.ts';
import { problemsOf, undescribed } from '../../support/contracts.ts';
import { httpEvent } from '../../support/http-event.ts';
import { examplesIn, headersIn, operationsIn } from '../../support/openapi.ts';

const operations = operationsIn(OPENAPI);

suite('The OpenAPI document', () => {
  test('is one, by the schema of the specification, and its references lead somewhere', async () => {
    const { valid, errors } = await new Validator().validate(JSON.parse(JSON.stringify(OPENAPI)));
    assert.ok(valid, JSON.stringify(errors, null, 1));
  });

  for (const { at, operation } of operations) {
    test(`says of ${at} who it is for, and what it is called`, () => {
      const tags = OPENAPI.tags.map(({ name }) => name);
      assert.match(operation.operationId, /^[a-z][A-Za-z]+$/);
      assert.ok(operation.summary && operation.description);
      assert.ok(operation.tags.length > 0 && operation.tags.every((tag) => tags.includes(tag)));
      assert.ok(operation.security, 'no word on security');
      for (const scheme of operation.security.flatMap((requirement) => Object.keys(requirement))) {
        assert.ok(scheme in OPENAPI.components.securitySchemes, scheme);
      }
    });

    test(`has valid examples of every body of ${at}`, () => {
      const examples = examplesIn(operation);
      assert.ok(examples.length > 0);
      for (const { where, schema, value } of examples) {
        assert.deepEqual(problemsOf(schema, value, OPENAPI), [], where);
        assert.deepEqual(undescribed(schema), [], where);
      }
    });

    test(`describes every parameter and header of ${at}`, () => {
      const { parameters = [] } = operation;
      assert.deepEqual(
        [...parameters, ...headersIn(operation, OPENAPI)].filter(({ description }) => !description),
        [],
      );
    });
  }

  test('calls no two operations the same', () => {
    const names = operations.map(({ operation }) => operation.operationId);
    assert.equal(new Set(names).size, names.length);
  });

  test('describes every field', () => {
    const schemas = Object.entries(OPENAPI.components.schemas) as [string, JsonSchema][];
    assert.deepEqual(
      schemas.flatMap(([name, schema]) => undescribed(schema, `${name}.`)),
      [],
    );
  });

  test('has every error code in an answer of its status', () => {
    const found = new Set(
      operations.flatMap(({ operation }) =>
        Object.entries(operation.responses).flatMap(([status, response]) =>
          Object.keys(response.content?.['application/json']?.examples ?? {}).map(
            (code) => `${status} ${code}`,
          ),
        ),
      ),
    );
    assert.deepEqual(
      [...found].sort(),
      Object.entries(ERRORS)
        .map(([code, { statusCode }]) => `${statusCode} ${code}`)
        .sort(),
    );
  });
});

suite('The bodies of requests', () => {
  for (const { name, contract } of DESCRIBED_PLATFORMS) {
    const platform = PLATFORMS.find((candidate) => candidate.name === name);
    const parse = (body: unknown) =>
      platform?.parse(httpEvent({ path: `/sms/${name}`, body: JSON.stringify(body) }));
    const schema = { $ref: `#/components/schemas/${name[0]?.toUpperCase()}${name.slice(1)}Request` };

    test(`of ${name} are understood as in the examples`, () => {
      for (const [example, body] of Object.entries(contract.examples)) {
        assert.equal(
          parse(body)?.variables['code'],
          (body as { payload: { code: string } }).payload.code,
          example,
        );
      }
    });

    test(`of ${name} are refused by the service and by the schema alike`, () => {
      const to = '79031234567';
      for (const body of [null, [], {}, { to }, { to, payload: {} }, { to: 7, payload: { code: '1' } }]) {
        assert.throws(() => parse(body), JSON.stringify(body));
        assert.notDeepEqual(problemsOf(schema, body, OPENAPI), [], JSON.stringify(body));
      }
    });
  }

  test('of reports are read as the schema says', () => {
    for (const [report, valid] of [
      [{ id: 1254837211, status: 1 }, true],
      [{ id: '1254837211', status: '1', extendStatus: 'delivery' }, true],
      [{ id: '12 54', status: 1 }, false],
      [{ id: '', status: 1 }, false],
      [{ id: 1254837211 }, false],
      [{ id: 1254837211, status: 'delivered' }, false],
      [{ id: 1254837211, status: 1.5 }, false],
    ] as const) {
      const body = Buffer.from(JSON.stringify(report));
      const read = readReport({ query: {}, body });
      assert.equal(read !== undefined, valid, JSON.stringify(report));
      assert.equal(reportSchema.safeParse(report).success, valid, JSON.stringify(report));
      const problems = problemsOf({ $ref: '#/components/schemas/Report' }, report, OPENAPI);
      assert.equal(problems.length === 0, valid, JSON.stringify(report));
    }
  });
});
