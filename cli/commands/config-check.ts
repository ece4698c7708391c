import { checkConnector } from '../check/check-connector.ts';
import { printPrices, printProblems, printTemplates, sum } from '../check/report.ts';
import { readConnectorFile } from '../connector-file.ts';
import type { Terminal } from '../terminal.ts';
import { EXIT } from '../usage.ts';

/** `config check`: what is wrong with a connector's JSON, and what its texts cost. Needs neither AWS nor SMS Aero. */
export async function configCheck(_options: object, terminal: Terminal, file: string): Promise<number> {
  const checked = checkConnector(await readConnectorFile(file));
  printTemplates(checked, terminal);
  printPrices(checked, terminal);
  printProblems(checked.problems, terminal);
  terminal.print(`${file}: ${sum(checked.problems)}`);
  return checked.connector ? EXIT.done : EXIT.failed;
}
