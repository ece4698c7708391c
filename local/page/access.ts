import type { IncomingHttpHeaders } from 'node:http';

const LOOPBACK_NAMES = ['127.0.0.1', 'localhost', '[::1]'];

/** `Sec-Fetch-Site` of requests that this page made itself, or a person by the address bar. */
const OWN_SITES = ['same-origin', 'none'];

/**
 * Why a request is refused; undefined if it is not. It may only come from a program, or from this page:
 *
 * - A name that an attacker pointed to 127.0.0.1 (DNS rebinding) shows in `Host`.
 * - Another site's script or form (CSRF) shows in `Origin`. A GET has none where nobody may read the answer, yet each answer here tells
 *   something and `latest` counts: browsers say in `Sec-Fetch-Site` where it comes from. Another port of this machine is another site's page
 *   as well. A link to the page itself is welcome from anywhere.
 *
 * @param port the port that the page listens on
 */
export function refusalOf(headers: IncomingHttpHeaders, port: number, isPage: boolean): string | undefined {
  const hosts = LOOPBACK_NAMES.map((name) => `${name}:${port}`);
  if (port === 80) hosts.push(...LOOPBACK_NAMES);
  const host = headers.host?.toLowerCase() ?? '';
  if (!hosts.includes(host)) {
    return `This page is for http://127.0.0.1:${port} only, not for the host of this request`;
  }
  const { origin } = headers;
  if (origin !== undefined && origin.toLowerCase() !== `http://${host}`) {
    return 'Pages of another origin may not ask here';
  }
  const site = headers['sec-fetch-site'];
  const isLink = isPage && headers['sec-fetch-mode'] === 'navigate';
  if (typeof site === 'string' && !OWN_SITES.includes(site) && !isLink) {
    return 'Pages of another site may not ask here';
  }
  return undefined;
}

/** Headers of every answer: nothing is loaded from elsewhere, nothing inline runs, nobody frames it or reads it from another origin. */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
};
