import {
  GetParameterCommand,
  ParameterNotFound,
  PutParameterCommand,
  paginateGetParametersByPath,
  SSMClient,
} from '@aws-sdk/client-ssm';
import type { WrittenParameter } from '../../lib/config/serialize.ts';
import { PATIENT } from './client.ts';

/** The parameters of one stage, to read and write: with the credentials and the region of whoever runs the command. */
export class StageParameters {
  /** `/smsaero/prod`. */
  readonly path: string;
  readonly #client = new SSMClient(PATIENT);

  constructor(stage: string) {
    this.path = `/smsaero/${stage}`;
  }

  /** The value of a parameter, decrypted; undefined if there is none. */
  async get(name: string): Promise<string | undefined> {
    try {
      const answer = await this.#client.send(
        new GetParameterCommand({ Name: `${this.path}/${name}`, WithDecryption: true }),
      );
      return answer.Parameter?.Value;
    } catch (error) {
      if (error instanceof ParameterNotFound) return undefined;
      throw error;
    }
  }

  /** All values, decrypted, by name below the path: `email`, `platforms/logto`. */
  async all(): Promise<Map<string, string>> {
    const values = new Map<string, string>();
    const pages = paginateGetParametersByPath(
      { client: this.#client },
      { Path: this.path, Recursive: true, WithDecryption: true },
    );
    for await (const { Parameters = [] } of pages) {
      for (const { Name = '', Value = '' } of Parameters) values.set(Name.slice(this.path.length + 1), Value);
    }
    return values;
  }

  /** Writes a parameter, whether it is there or not. Over 4 KB it becomes an advanced one. */
  async put({ name, type, value }: WrittenParameter): Promise<void> {
    await this.#client.send(
      new PutParameterCommand({
        Name: `${this.path}/${name}`,
        Type: type,
        Value: value,
        Overwrite: true,
        Tier: 'Intelligent-Tiering',
      }),
    );
  }

  /** Finds out whether there are credentials and a region, without a call to the service. @throws the SDK's error */
  async identify(): Promise<{ region: string }> {
    await this.#client.config.credentials();
    return { region: await this.#client.config.region() };
  }
}
