import { GetParameterCommand, ParameterNotFound, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import type { WrittenParameter } from '../lib/config/serialize.ts';

/** The parameters of one stage, to read and write: with the credentials and the region of whoever runs the command. */
export class StageParameters {
  /** `/smsaero/prod`. */
  readonly path: string;
  readonly #client: SSMClient;

  constructor(stage: string, region: string | undefined) {
    this.path = `/smsaero/${stage}`;
    this.#client = new SSMClient(region ? { region } : {});
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
}
