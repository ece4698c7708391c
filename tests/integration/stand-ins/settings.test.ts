import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { PLATFORMS } from '../../../lib/platforms/index.ts';
import { localSecretOf } from '../../../lib/platforms/local-secret.ts';
import { readConnector, readSettings, SettingsError } from '../../../local/settings.ts';
import { CONNECTOR } from '../../support/connector.ts';

const LOCAL_SECRET = '0123456789abcdef0123456789abcdef';

const problemOf = (args: string[], env: Record<string, string> = {}): string => {
  try {
    readSettings(args, env);
    return '';
  } catch (error) {
    assert.ok(error instanceof SettingsError);
    return error.message;
  }
};

describe('the settings of npm start', () => {
  it('are four ports on loopback by default', () => {
    const ports = { port: 3000, inboxPort: 3001, cognitoPort: 3002, queuePort: 3003 };
    const none = { host: undefined, configFile: undefined, verbose: false, help: false };
    assert.deepEqual(readSettings([], {}), { ...ports, ...none });
    for (const HOST of ['', '127.0.0.1', '127.1.2.3', 'localhost', '::1']) {
      assert.equal(readSettings([], { HOST }).host, undefined, HOST);
    }
  });

  it('name both variables of every pair of ports that are the same', () => {
    const names = ['PORT', 'INBOX_PORT', 'COGNITO_PORT', 'QUEUE_PORT'];
    for (const [index, first] of names.entries()) {
      for (const second of names.slice(index + 1)) {
        const message = `${first} and ${second} are both 4000: choose two ports`;
        assert.equal(problemOf([], { [first]: '4000', [second]: '4000' }), message);
      }
    }
    assert.match(problemOf([], { INBOX_PORT: '3000' }), /^PORT and INBOX_PORT are both 3000/);
    assert.match(problemOf([], { QUEUE_PORT: '70000' }), /^QUEUE_PORT must be a port number/);
  });

  it('let others in only with a secret that is not documented, and say how to choose one', () => {
    const hint = /LOCAL_SECRET=\$\(openssl rand -hex 16\) HOST=\S+ npm start$/;
    for (const HOST of ['0.0.0.0', '::', '172.17.0.1', 'my-laptop', '127.0.0.1.example.com']) {
      assert.match(problemOf([], { HOST }), hint, HOST);
      assert.equal(readSettings([], { HOST, LOCAL_SECRET }).host, HOST);
    }
    for (const wrong of ['short', "it's-not-for-a-shell", 'two  spaces-between', 'line\nbreak-in-between']) {
      assert.match(problemOf([], { LOCAL_SECRET: wrong }), /^LOCAL_SECRET must be 16 to 128/, wrong);
    }
    for (const { name, contract } of PLATFORMS) {
      assert.notEqual(problemOf([], { LOCAL_SECRET: contract().secret.local }), '', name);
    }
  });

  it('make of LOCAL_SECRET a valid secret for every platform, and none of the documented ones', () => {
    for (const platform of PLATFORMS) {
      const { secret } = platform.contract();
      assert.equal(localSecretOf(platform, undefined), secret.local);
      const chosen = localSecretOf(platform, LOCAL_SECRET);
      assert.notEqual(chosen, secret.local);
      assert.equal(secret.problemOf(chosen), undefined, platform.name);
      assert.notEqual(localSecretOf(platform, `${LOCAL_SECRET}0`), chosen);
    }
  });

  it('are refused with the usage if they are not known', () => {
    assert.match(problemOf(['--verbos']), /^Unknown option '--verbos'\n\nUsage: npm start/);
    assert.match(problemOf(['--config']), /argument[\s\S]+Usage: npm start/);
    assert.match(problemOf(['my.json']), /npm start -- --config my\.json\n/);
    const { configFile, verbose } = readSettings(['--config', 'my.json', '--verbose'], {});
    assert.deepEqual([configFile, verbose], ['my.json', true]);
  });
});

describe('the connector.json of npm start', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'smsaero-'));
  after(() => rm(folder, { recursive: true }));

  const { templates } = CONNECTOR;
  const sample = { email: 'owner@example.com', senderName: 'MyShop', templates };
  const read = async (json: object) => {
    await writeFile(join(folder, 'connector.json'), JSON.stringify(json));
    return readConnector('connector.json', folder);
  };

  it('may be that of a sample, and needs no key', async () => {
    const { connector, problems } = await read(sample);
    assert.deepEqual([connector?.senderName, problems], ['MyShop', []]);
  });

  it('is checked as config check does', async () => {
    const { connector, problems } = await read({ ...sample, apikey: 'x', templates: templates.slice(1) });
    assert.equal(connector, undefined);
    const found = problems.map(({ level, path }) => `${level} ${path}`);
    assert.deepEqual(found, ['error templates', 'error apikey']);
    await assert.rejects(readConnector('none.json', folder), /none\.json does not exist/);
  });
});
