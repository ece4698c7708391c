import { generate } from 'selfsigned';

/** What a certificate is made for. */
export interface CertificateOptions {
  /** DNS names, `localhost` unless told. */
  names?: readonly string[];
  /** IP addresses, `127.0.0.1` unless told. */
  addresses?: readonly string[];
  /** True: it ended yesterday. */
  expired?: boolean;
}

/** A self-signed certificate in PEM. A client trusts it by taking `cert` as its `ca`. */
export interface Certificate {
  key: string;
  cert: string;
}

const day = 24 * 3600 * 1000;

/** Makes a fresh EC P-256 certificate, good from yesterday for ten days. */
export async function createCertificate(options: CertificateOptions = {}): Promise<Certificate> {
  const { names = ['localhost'], addresses = ['127.0.0.1'], expired = false } = options;
  const from = Date.now() - (expired ? 3 : 1) * day;
  const pems = await generate([{ name: 'commonName', value: names[0] ?? 'localhost' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    notBeforeDate: new Date(from),
    notAfterDate: new Date(from + (expired ? 2 : 10) * day),
    extensions: [
      // Its own authority, so that one file is enough to trust it.
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', digitalSignature: true, keyCertSign: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          ...names.map((value) => ({ type: 2 as const, value })),
          ...addresses.map((ip) => ({ type: 7 as const, ip })),
        ],
      },
    ],
  });
  return { key: pems.private, cert: pems.cert };
}
