import { asObject, parseJson } from '../../lib/json.ts';
import { StageParameters } from '../aws/stage-parameters.ts';
import { noConfiguration } from '../stage-configuration.ts';
import { isList, parseTemplates } from '../template-diff.ts';
import type { Terminal } from '../terminal.ts';
import { EXIT, type StageOptions } from '../usage.ts';

/** `config pull`: the connector's JSON of a stage, without the API key. */
export async function configPull({ stage }: StageOptions, terminal: Terminal): Promise<number> {
  const parameters = new StageParameters(stage);
  const names = ['email', 'senderName', 'senderNames', 'templates'] as const;
  const [email, senderName, stored, templates] = await Promise.all(names.map((name) => parameters.get(name)));
  if (email === undefined && senderName === undefined && templates === undefined) {
    throw noConfiguration(stage, parameters.path);
  }
  if (templates !== undefined && !isList(templates)) {
    throw new Error(`${parameters.path}/templates is no JSON array: push a file that is whole`);
  }
  const senderNames = stored === undefined ? undefined : asObject(parseJson(stored));
  if (stored !== undefined && !senderNames) {
    throw new Error(`${parameters.path}/senderNames is no JSON object: push a file that has them, or {}`);
  }
  const connector = { email, senderName, senderNames, templates: parseTemplates(templates) };
  terminal.print(JSON.stringify(connector, undefined, 2));
  return EXIT.done;
}
