import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { Validator } from '@seriousme/openapi-schema-validator';
import { readReport } from '../../../lib/delivery/receive-report.ts';
import { reportSchema } from '../../../lib/delivery/report-schema.ts';
import { ERRORS } from '../../../lib/http/errors.ts';
import { PLATFORMS } from '../../../lib/platforms/index.ts';
import { readMessage } from '../../../lib/platforms/platform.ts';
import { jsonSchemaOf } from '../../../tools/contracts/json-schema.ts';
import { OPENAPI } from '../../../tools/contracts/openapi.ts';
import { bodiesIn, OPERATIONS, problemsOf, undescribed } from '../../support/contracts.ts';
import { httpEvent } from '../../support/http-event.ts';

suite('The OpenAPI document', () => {
  test('is valid by the schema of the specification', async () => {
    const { valid, errors } = await new Validator().validate(structuredClone(OPENAPI));
    assert.ok(valid, JSON.stringify(errors, null, 1));
  });

  test('has valid examples of every body, and describes every field, parameter and header', () => {
    for (const [at, operation] of OPERATIONS) {
      for (const { where, schema, values } of bodiesIn(operation)) {
        assert.deepEqual(undescribed(schema), [], `${at} ${where}`);
        assert.ok(values.length > 0, `${at} ${where}`);
        for (const value of values) assert.deepEqual(problemsOf(schema, value), [], `${at} ${where}`);
      }
      const headers = Object.values(operation.responses).flatMap((response) =>
        Object.values(response.headers ?? {}),
      );
      for (const { description } of [...(operation.parameters ?? []), ...headers]) assert.ok(description, at);
    }
  });

  test('has every error code in an answer of its status', () => {
    const found = [...OPERATIONS.values()].flatMap(({ responses }) =>
      Object.entries(responses).flatMap(([status, { content }]) =>
        Object.keys(content?.['application/json']?.examples ?? {}).map((code) => `${status} ${code}`),
      ),
    );
    // A call is asked for by Okta only, whose answers are all a 200.
    const codes = Object.entries(ERRORS).map(([code, { statusCode }]) =>
      code === 'call_not_supported' ? `200 ${code}` : `${statusCode} ${code}`,
    );
    const missing = codes.filter((code) => !found.includes(code));
    assert.deepEqual(missing, []);
  });
});

suite('The bodies of requests', () => {
  for (const platform of PLATFORMS) {
    const { name } = platform;
    const { body: schema, examples = {} } = platform.contract();
    const parse = (body: unknown) =>
      readMessage(platform, httpEvent({ path: `/sms/${name}`, body: JSON.stringify(body) }), []);

    test(`of ${name} are understood as in the examples`, () => {
      for (const [example, body] of Object.entries(examples)) {
        const { variables, text } = parse(body);
        assert.ok(variables['code'] ?? text, example);
      }
    });

    test(`of ${name} are refused by the service and by the schema alike`, () => {
      const to = '79031234567';
      const described = jsonSchemaOf(schema);
      for (const body of [null, [], {}, { to }, { to, payload: {} }, { to: 7, payload: { code: '1' } }]) {
        assert.throws(() => parse(body), JSON.stringify(body));
        assert.notDeepEqual(problemsOf(described, body), [], JSON.stringify(body));
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
      const problems = problemsOf(OPENAPI.components.schemas.Report, report);
      assert.equal(problems.length === 0, valid, JSON.stringify(report));
    }
  });
});
