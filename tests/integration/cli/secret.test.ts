import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, describe, it } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { PLATFORMS } from '../../../lib/platforms/index.ts';
import { startCallerIdentity } from '../../../local/caller-identity.ts';
import { startParameterStore } from '../../../local/parameter-store.ts';
import { useAwsStandIns } from '../../support/aws-environment.ts';
import { assertFails, linesOf, openCommandLine, TARGET } from '../../support/cli.ts';
import { CONNECTOR, LOGTO_SECRET } from '../../support/connector.ts';

useAwsStandIns();

describe('secret', async () => {
  const store = await startParameterStore();
  const cli = await openCommandLine({ AWS_ENDPOINT_URL_SSM: store.url });
  after(async () => {
    await store.close();
    await cli.close();
  });

  const secret = (...args: string[]) => cli.run(['secret', ...args]);
  const printOf = (output: string) => /Fingerprint ([0-9a-f]{8})\./.exec(output)?.[1] ?? '?';

  it('keeps two secrets while one is rotated, and no third, and shows each once', async () => {
    const [first, second] = [await secret('add', 'direct', '--yes'), await secret('add', 'direct', '--yes')];
    const [older, newer] = [printOf(first.output), printOf(second.output)];
    const listed = await secret('list');
    assert.deepEqual(linesOf(listed.output), [
      'platform  secrets  fingerprints',
      `direct    2        ${older} ${newer}`,
    ]);
    assert.equal((await secret('list', 'direct')).output, listed.output);
    await assertFails(
      secret('add', 'direct', '--yes'),
      1,
      '/smsaero/dev/platforms/direct has 2 secrets already: secret remove direct takes the older one away\n',
    );
    assert.deepEqual(linesOf((await secret('remove', 'direct', '--yes')).output), [
      TARGET('dev'),
      `direct has one secret left, the newer one (${newer}); ${older} is gone.`,
    ]);
    await assertFails(
      secret('remove', 'direct', '--yes'),
      1,
      '/smsaero/dev/platforms/direct has 1 secret: only the older of two is removed; --all turns the platform off\n',
    );
  });

  it('makes each in the form of its platform, and takes one that the platform has made', async () => {
    for (const [platform, form] of [
      ['logto', /^Bearer [\w-]{32}$/m],
      [
        'supabase',
        /^Supabase Auth must sign with this key, word for word: Auth.*\n\nv1,whsec_[A-Za-z0-9+/]{43}=$/m,
      ],
      ['webhook', /^whsec_[A-Za-z0-9+/]{43}=$/m],
    ] as const) {
      assert.match((await secret('add', platform, '--stage', 'forms', '--yes')).output, form);
    }
    const add = (platform: string, answer?: string, ...args: string[]) =>
      cli.run(
        ['secret', 'add', platform, '--yes', '--stage', 'forms', ...args],
        {},
        answer ? { answer } : {},
      );
    await assertFails(
      add('zitadel'),
      2,
      /The secret of ZITADEL \(the signingKey .*\) is read from standard input/,
    );
    const key = 'kGWf7lYvxMT5wZPZFbZ9LZ5fqwLLIIkr';
    const { output } = await add('zitadel', `${key}\n`);
    assert.match(output, /^ZITADEL is on with this secret\. Fingerprint [0-9a-f]{8}\.\n$/m);
    assert.ok(!output.includes(key));
    assert.match((await add('zitadel', `${key}\n`)).problems, /has this secret already/);
    const refused = await add('supabase', 'Bearer 0123456789abcdef', '--existing');
    assert.deepEqual([refused.exitCode, refused.output], [1, '']);
    assert.match(refused.problems, / must be v1,whsec_ .* Nothing was written\n$/);
    assert.ok(!refused.problems.includes('0123456789'));
  });

  it('is made for no other name than that of a platform', async () => {
    const before = store.calls.length;
    const platforms = PLATFORMS.map(({ name }) => name).join(', ');
    for (const [name, meant] of [
      ['foo', ''],
      ['Logto', ': did you mean logto?'],
      ['../x', ''],
    ] as const) {
      const problem = `error: "${name}" is not a platform of this version (${platforms})${meant}\n`;
      await assertFails(secret('add', name), 2, `${problem}Help: npm run smsaero -- secret add --help\n`);
    }
    await assertFails(
      secret('add', 'cognito'),
      2,
      /^error: "cognito" does not call over HTTP: docs\/platforms\/cognito/,
    );
    assert.equal(store.calls.length, before);
  });

  it('is not added beside one in the clear, or to a platform that stays off, which --all turns off for good', async () => {
    store.put('/smsaero/short/platforms/logto', 'Bearer 0123456789abcdef', 'String');
    const logto = (verb: string, ...args: string[]) => secret(verb, 'logto', '--stage', 'short', ...args);
    await assertFails(
      logto('add', '--yes'),
      1,
      /^\/smsaero\/short\/platforms\/logto is stored as a plain String, /,
    );
    store.delete('/smsaero/short/platforms/logto');
    store.put('/smsaero/short/platforms/logto', 'changeme', 'SecureString');
    await assertFails(
      logto('add'),
      1,
      /logto has a line shorter than 16 characters, so that the platform is off/,
    );
    const removed = linesOf((await logto('remove', '--all', '--yes')).output).at(-1);
    assert.equal(removed, 'logto has no secret left: it is off within half an hour at the latest.');
    await assertFails(
      logto('remove', '--all', '--yes'),
      1,
      /^\/smsaero\/short\/platforms\/logto is not there/,
    );
    assert.match((await logto('add', '--yes')).output, /^Bearer [\w-]{32}$/m);
  });

  it('prints JSON for scripts', async () => {
    const run = async (...args: string[]) =>
      JSON.parse((await secret(...args, '--json', '--stage', 'json')).output);
    const target = {
      ...{ account: '000000000000', caller: 'arn:aws:iam::000000000000:user/local' },
      ...{ region: 'eu-central-1', stage: 'json', platform: 'logto' },
    };
    const { secret: made, fingerprint: older, ...rest } = await run('add', 'logto', '--yes');
    assert.match(made, /^Bearer [\w-]{32}$/);
    assert.equal(older, createHash('sha256').update(made).digest('hex').slice(0, 8));
    assert.deepEqual(rest, target);
    const { fingerprint: newer } = await run('add', 'logto', '--yes');
    assert.deepEqual(await run('list'), { platforms: [{ platform: 'logto', fingerprints: [older, newer] }] });
    assert.deepEqual(await run('remove', 'logto', '--yes'), { ...target, removed: [older], left: [newer] });
    assert.deepEqual(await run('remove', 'logto', '--all', '--yes'), {
      ...target,
      removed: [newer],
      left: [],
    });
  });

  for (const [args, question, done] of [
    [['config', 'push'], 'Write 5 parameters below /smsaero/shown?', 'written'],
    [['secret', 'add', 'logto'], 'Add a secret to /smsaero/shown/platforms/logto?', 'written'],
    [
      ['secret', 'remove', 'logto'],
      'Remove the secret FINGERPRINT from /smsaero/shown/platforms/logto?',
      'removed',
    ],
    [
      ['secret', 'remove', 'logto', '--all'],
      'Turn logto off? Its calls are refused within half an hour at the latest.',
      'removed',
    ],
  ] as const) {
    it(`${args.join(' ')} shows where it writes and asks, and does nothing after a no or if AWS does not say where`, async (t) => {
      const secrets = args[1] === 'remove' ? 'Bearer old_0123456789\nBearer new_0123456789' : LOGTO_SECRET;
      store.put('/smsaero/shown/platforms/logto', secrets, 'SecureString');
      const before = store.calls.length;
      const file = args[1] === 'push' ? [await cli.write('connector.json', CONNECTOR)] : [];
      const command = [...args, ...file, '--stage', 'shown'];

      const arn = 'arn:aws:sts::123456789012:assumed-role/Admin/me';
      const identity = await startCallerIdentity({ arn });
      t.after(() => identity.close());
      const AWS_ENDPOINT_URL_STS = identity.url;
      const { exitCode, output } = await cli.run(
        [...command, '--region', 'eu-west-1'],
        { AWS_ENDPOINT_URL_STS },
        { answer: '\n' },
      );
      assert.equal(exitCode, 1);
      const shown = `In account 123456789012, caller ${arn}, region eu-west-1, stage shown\n`;
      const asked = output.slice(output.indexOf(shown)).replace(/secret [0-9a-f]{8}/, 'secret FINGERPRINT');
      assert.equal(
        stripVTControlCharacters(asked).replace('\r', ''),
        `${shown}${question} [y/N] \nNothing was ${done}.\n`,
      );
      assert.doesNotMatch(output, /Bearer/);

      const nobody = { AWS_ENDPOINT_URL_STS: 'http://127.0.0.1:1', AWS_MAX_ATTEMPTS: '1' };
      const { problems } = await cli.run([...command, '--yes'], nobody);
      assert.equal(
        problems,
        `Nothing was ${done}: AWS does not say whose account this is: AWS cannot be reached: check the network and the region (ECONNREFUSED)\n`,
      );
      const changing = store.calls.slice(before).filter(({ operation }) => /^(Put|Delete)/.test(operation));
      assert.deepEqual(changing, []);
    });
  }
});
