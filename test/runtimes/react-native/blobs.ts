/** What a Blob of JavaScript refers to. */
export interface BlobData {
  readonly blobId: string;
  readonly offset: number;
  readonly size: number;
  readonly type?: string;
}

type Part =
  | { readonly type: 'string'; readonly data: string }
  | { readonly type: 'blob'; readonly data: BlobData };

/** The bytes that are kept on the native side; JavaScript has their ids. */
export class Blobs {
  readonly #kept = new Map<string, Buffer>();
  #count = 0;

  keep(bytes: Buffer, type: string): BlobData {
    const blobId = `blob-${this.#count++}`;
    this.#kept.set(blobId, bytes);
    return { blobId, offset: 0, size: bytes.length, type };
  }

  read({ blobId, offset, size }: BlobData): Buffer {
    const bytes = this.#kept.get(blobId);
    if (bytes === undefined) throw new Error(`There is no blob ${blobId}`);
    return bytes.subarray(offset, offset + size);
  }

  /** The native modules BlobModule and FileReaderModule. */
  modules(): Record<string, object> {
    return {
      BlobModule: {
        getConstants: () => ({ BLOB_URI_SCHEME: 'content', BLOB_URI_HOST: 'blobs' }),
        addNetworkingHandler() {},
        addWebSocketHandler() {},
        removeWebSocketHandler() {},
        sendOverSocket() {},
        createFromParts: (parts: readonly Part[], blobId: string) => {
          const bytes = parts.map((part) =>
            part.type === 'string' ? Buffer.from(part.data) : this.read(part.data),
          );
          this.#kept.set(blobId, Buffer.concat(bytes));
        },
        release: (blobId: string) => this.#kept.delete(blobId),
      },
      FileReaderModule: {
        readAsText: async (blob: BlobData) => this.read(blob).toString(),
        readAsDataURL: async (blob: BlobData) =>
          `data:${blob.type || 'application/octet-stream'};base64,${this.read(blob).toString('base64')}`,
      },
    };
  }
}
