import { StageParameters } from '../aws/stage-parameters.ts';
import { noConfiguration } from '../stage-configuration.ts';
import { isList, parseTemplates } from '../template-diff.ts';
import type { Terminal } from '../terminal.ts';
import { EXIT, type StageOptions } from '../usage.ts';

/** `config pull`: the connector's JSON of a stage, without the API key. */
export async function configPull({ stage }: StageOptions, terminal: Terminal): Promise<number> {
  const parameters = new StageParameters(stage);
  const names = ['email', 'senderName', 'templates'] as const;
  const [email, senderName, templates] = await Promise.all(names.map((name) => parameters.get(name)));
  if (email === undefined && senderName === undefined && templates === undefined) {
    throw noConfiguration(stage, parameters.path);
  }
  if (templates !== undefined && !isList(templates)) {
    throw new Error(`${parameters.path}/templates is no JSON array: push a file that is whole`);
  }
  terminal.print(JSON.stringify({ email, senderName, templates: parseTemplates(templates) }, undefined, 2));
  return EXIT.done;
}
