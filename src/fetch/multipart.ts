/** The entries of a form as one Blob: written once, so that every sending has the same boundary and bytes (RFC 7578). */
export function multipart(form: Iterable<[string, FormDataEntryValue]>): Blob {
  const boundary = `----latchkey${random()}${random()}${random()}`;
  const parts: BlobPart[] = [];
  for (const [name, value] of form) {
    const head = `--${boundary}\r\nContent-Disposition: form-data; name="${quoted(lines(name))}"`;
    if (typeof value === 'string') {
      parts.push(`${head}\r\n\r\n${lines(value)}\r\n`);
    } else {
      const type = value.type || 'application/octet-stream';
      parts.push(`${head}; filename="${quoted(value.name)}"\r\nContent-Type: ${type}\r\n\r\n`, value, '\r\n');
    }
  }
  parts.push(`--${boundary}--\r\n`);
  // a Blob's type is lower case, and so is the boundary
  return new Blob(parts, { type: `multipart/form-data; boundary=${boundary}` });
}

/** No secret: it need only not occur in the parts. */
function random(): string {
  return Math.random().toString(36).slice(2).padEnd(11, '0');
}

/** The newlines of a form are CRLF (HTML, "constructing the entry list"). */
function lines(text: string): string {
  return text.replace(/\r\n?|\n/g, '\r\n');
}

function quoted(text: string): string {
  return text.replace(/\r/g, '%0D').replace(/\n/g, '%0A').replace(/"/g, '%22');
}
