import http from 'node:http';
import { ACCOUNT } from './aws-json.ts';
import { type Address, listen } from './loopback.ts';

/** How the stand-in is started. */
export interface CallerIdentityOptions extends Address {
  /** ARN of whoever asks, a user of the stand-ins' account by default. */
  readonly arn?: string;
}

/** Starts what STS is asked for by the command line: GetCallerIdentity, and nothing else. */
export async function startCallerIdentity({
  arn = `arn:aws:iam::${ACCOUNT}:user/local`,
  ...address
}: CallerIdentityOptions = {}): Promise<{ readonly url: string; close(): Promise<void> }> {
  const answer = `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>
<Arn>${arn}</Arn><UserId>LOCAL</UserId><Account>${arn.split(':')[4]}</Account>
</GetCallerIdentityResult><ResponseMetadata><RequestId>local</RequestId></ResponseMetadata></GetCallerIdentityResponse>`;
  const server = http.createServer((request, response) => {
    request.resume();
    response.writeHead(200, { 'Content-Type': 'text/xml' }).end(answer);
  });
  const { authority, close } = await listen(server, address);
  return { url: `http://${authority}`, close };
}
