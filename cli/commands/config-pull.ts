import { StageParameters } from '../aws/stage-parameters.ts';
import { AWS_HELP, AWS_OPTIONS, defineCommand, EXIT, RUN } from '../command.ts';
import { noConfiguration } from '../stage-configuration.ts';
import { isList, parseTemplates } from '../template-diff.ts';

/** `config pull`: the connector's JSON of a stage, without the API key. */
export const configPull = defineCommand({
  help: `Usage: ${RUN} config pull [--stage dev]

Prints the connector's JSON of a stage, without the API key. config push then leaves the key that is
there alone, so that texts can be edited without knowing it:

  npm run --silent smsaero -- config pull --stage prod > connector.json

${AWS_HELP}`,
  options: AWS_OPTIONS,
  async run({ stage }, _positionals, terminal) {
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
  },
});
