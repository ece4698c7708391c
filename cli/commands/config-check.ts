import { checkConnector } from '../check/check-connector.ts';
import { printProblems, printTemplates, sum } from '../check/report.ts';
import { defineCommand, EXIT, RUN } from '../command.ts';
import { readConnectorFile } from '../connector-file.ts';

/** `config check`: what is wrong with a connector's JSON, and what its texts cost. Needs neither AWS nor SMS Aero. */
export const configCheck = defineCommand({
  help: `Usage: ${RUN} config check connector.json

Checks the JSON of Logto's SMS Aero connector: every problem with its path. For each template the
encoding, the billed segments with a code of six digits, and what makes it UCS-2; links that operators
hold back; placeholders that no platform sends, and those that strangers can fill; what touches a
temporary password; the last line @host #{{code}} that browsers read.

Exit code: 1 if there is an error; warnings alone give 0.`,
  options: {},
  positionals: [{ name: 'connector.json' }],
  async run(_values, [file = ''], terminal) {
    const checked = checkConnector(await readConnectorFile(file));
    printTemplates(checked, terminal);
    printProblems(checked.problems, terminal);
    terminal.print(`${file}: ${sum(checked.problems)}`);
    return checked.connector ? EXIT.done : EXIT.failed;
  },
});
