import type { BlobData, Blobs } from './blobs.ts';
import type { Platform } from './metro.ts';

type Lines = readonly (readonly [string, string])[] | Readonly<Record<string, string>>;

interface FormPart {
  readonly string?: string;
  readonly uri?: string;
  readonly headers: Lines;
}

/** What React Native makes of a body (convertRequestBody.js). */
export interface Payload {
  readonly string?: string;
  readonly base64?: string;
  readonly blob?: BlobData;
  readonly formData?: readonly FormPart[];
  readonly uri?: string;
}

/** What the native side can read. */
export interface Sources {
  readonly blobs: Blobs;
  /** By URI. */
  readonly files: ReadonlyMap<string, Buffer>;
}

interface Body {
  readonly bytes: Buffer | undefined;
  /** Where the native side sets it. */
  readonly contentType?: string;
}

const BOUNDARY = 'fb51e1c1-multipart-boundary';

/** The bytes of a body, or the error of NetworkingModule.kt; what no side understands is sent as nothing. */
export function bodyOf(
  platform: Platform,
  { string, base64, blob, formData, uri }: Payload,
  contentType: string | undefined,
  { blobs, files }: Sources,
): Body {
  if (blob !== undefined) return { bytes: blobs.read(blob), contentType: contentType ?? blob.type ?? '' };
  if (formData !== undefined) {
    return { bytes: multipart(formData, files), contentType: `multipart/form-data; boundary=${BOUNDARY}` };
  }
  if (string === undefined && base64 === undefined && uri === undefined) return { bytes: undefined };
  if (platform === 'android' && contentType === undefined) {
    throw new Error('Payload is set but no content-type header specified');
  }
  if (string !== undefined) return { bytes: Buffer.from(string) };
  return { bytes: base64 === undefined ? fileOf(uri as string, files) : Buffer.from(base64, 'base64') };
}

function multipart(parts: readonly FormPart[], files: Sources['files']): Buffer {
  const bytes: Buffer[] = [];
  for (const { string, uri, headers } of parts) {
    const lines = (Array.isArray(headers) ? headers : Object.entries(headers)) as [string, string][];
    if (string === undefined && !lines.some(([name]) => name.toLowerCase() === 'content-type')) {
      throw new Error('Binary FormData part needs a content-type header.');
    }
    const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
    const content = string === undefined ? fileOf(String(uri), files) : Buffer.from(string);
    bytes.push(Buffer.from(`--${BOUNDARY}\r\n${head}\r\n`), content, Buffer.from('\r\n'));
  }
  return Buffer.concat([...bytes, Buffer.from(`--${BOUNDARY}--\r\n`)]);
}

function fileOf(uri: string, files: Sources['files']): Buffer {
  const bytes = files.get(uri);
  if (bytes === undefined) throw new Error(`Could not retrieve file for uri ${uri}`);
  return bytes;
}
