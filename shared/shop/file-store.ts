/** The port to where workers keep what they write: invoices and reports. */
export interface FileStore {
  /**
   * Keeps a file under a name such as `invoices/order_42.pdf`; a repeat replaces the whole of it. When it resolves, the
   * file is there for good. Callable concurrently; a reader sees a whole file or none.
   * @throws Error for a name that is not allowed
   */
  put(name: string, bytes: Uint8Array, contentType: string): Promise<void>;
  /** `undefined` where there is no such file. */
  get(name: string): Promise<Uint8Array | undefined>;
}

/** One folder and a file's name, of letters, digits and `._-`: nothing that leads elsewhere. */
const NAME = /^[a-z]+\/[A-Za-z0-9_][A-Za-z0-9._-]{0,200}$/;

/** @throws Error */
export function checkFileName(name: string): void {
  if (!NAME.test(name)) {
    throw new Error(`the file's name is ${JSON.stringify(name)}, allowed: folder/name of letters, digits and ._-`);
  }
}

/** Where an order's invoice is kept. */
export function invoicePath(orderId: number): string {
  return `invoices/order_${orderId}.pdf`;
}
