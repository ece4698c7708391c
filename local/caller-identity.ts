import http from 'node:http';
import { ACCOUNT } from './aws-json.ts';
import { listen } from './loopback.ts';

/** Starts what STS is asked for by the command line: GetCallerIdentity, and nothing else. @param caller `arn`: of whoever asks */
export async function startCallerIdentity({ arn = `arn:aws:iam::${ACCOUNT}:user/local` } = {}) {
  const answer = `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>
<Arn>${arn}</Arn><UserId>LOCAL</UserId><Account>${arn.split(':')[4]}</Account>
</GetCallerIdentityResult><ResponseMetadata><RequestId>local</RequestId></ResponseMetadata></GetCallerIdentityResponse>`;
  const server = http.createServer((request, response) => {
    request.resume();
    response.writeHead(200, { 'Content-Type': 'text/xml' }).end(answer);
  });
  const { authority, close } = await listen(server);
  return { url: `http://${authority}`, close };
}
