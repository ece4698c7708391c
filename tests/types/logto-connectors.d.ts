// The connectors are published without types; both export a `CreateConnector<SmsConnector>`.
declare module '@logto/connector-http-sms' {
  import type { CreateConnector, SmsConnector } from '@logto/connector-kit';

  const createConnector: CreateConnector<SmsConnector>;
  export default createConnector;
}

declare module '@logto/connector-smsaero' {
  import type { CreateConnector, SmsConnector } from '@logto/connector-kit';

  const createConnector: CreateConnector<SmsConnector>;
  export default createConnector;
}
