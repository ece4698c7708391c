import { type Finding, findingsOf } from './finding.ts';

/** Time for an answer, in ms: a cold start included. */
const PATIENCE = 10_000;

/** Looks whether SMS Aero's reports would arrive: GET on a token that is none has to answer 200 and nothing. */
export async function examineReports(reportUrl: string | undefined): Promise<Finding> {
  const of = findingsOf('reports');
  if (reportUrl === undefined || reportUrl === '') {
    return of.warn(
      'SMS Aero is asked for none, so that deliveries are known minutes later',
      "deploy with the parameter reportUrl, or without it for the API's own",
    );
  }
  try {
    const response = await fetch(`${reportUrl.replace(/\/+$/, '')}/doctor`, {
      redirect: 'manual',
      signal: AbortSignal.timeout(PATIENCE),
    });
    const body = await response.text();
    if (response.status === 200 && body === '') {
      return of.pass(`${reportUrl} answers`);
    }
    return of.fail(
      `${reportUrl} answers ${response.status}${body === '' ? '' : ' with a body'}, where 200 and nothing is right`,
      'check that the domain leads to the API, and that delivery-report is deployed',
    );
  } catch (error) {
    const { cause, name } = error as Error & { cause?: NodeJS.ErrnoException };
    return of.fail(
      `${reportUrl} cannot be reached (${cause?.code ?? name})`,
      'check the domain, and that delivery-report is deployed',
    );
  }
}
