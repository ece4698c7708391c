/** Parameter Store on loopback, for the unmodified AWS SDK. */
export { type ConnectorJson, fromConnector, LOCAL_HASH_KEY } from './from-connector.ts';
export type { ParameterValue } from './parameters.ts';
export {
  type ParameterStore,
  type ParameterStoreOptions,
  startParameterStore,
} from './server.ts';
