import { connect, type Socket } from 'node:net';

const HEAD_END = Buffer.from('\r\n\r\n');
const CONTENT_LENGTH = /\r\ncontent-length: *(\d+)/i;
const ANSWER_TIMEOUT_MS = 10_000;

/**
 * One keep-alive connection to 127.0.0.1 that carries one request at a time: raw bytes in, status out. A general HTTP
 * client costs 50 µs a request, and the load generator shares the cores with what it measures.
 */
export class HttpConnection {
  private socket: Socket | undefined;
  private buffered: Buffer | undefined;
  private settle: ((status: number) => void) | undefined;

  constructor(private readonly port: number) {}

  /** Resolves with the status; 0 when the connection failed or nothing came within 10 s. The next call connects anew. */
  send(request: Uint8Array): Promise<number> {
    return new Promise((resolve) => {
      this.settle = resolve;
      this.socket ??= this.open();
      this.socket.write(request);
    });
  }

  close(): void {
    this.socket?.destroy();
  }

  private open(): Socket {
    const socket = connect({ port: this.port, host: '127.0.0.1', noDelay: true });
    socket.setTimeout(ANSWER_TIMEOUT_MS, () => socket.destroy());
    socket.on('data', (chunk) => this.receive(chunk));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      if (this.socket !== socket) return;
      this.socket = undefined;
      this.buffered = undefined;
      this.answer(0);
    });
    return socket;
  }

  private receive(chunk: Buffer): void {
    const bytes = this.buffered ? Buffer.concat([this.buffered, chunk]) : chunk;
    const headEnd = bytes.indexOf(HEAD_END);
    const length = headEnd < 0 ? null : CONTENT_LENGTH.exec(bytes.toString('latin1', 0, headEnd));
    if (headEnd >= 0 && !length) {
      this.socket?.destroy(new Error('an answer without Content-Length'));
    } else if (!length || bytes.length < headEnd + HEAD_END.length + Number(length[1])) {
      this.buffered = bytes;
    } else {
      this.buffered = undefined;
      this.answer(Number(bytes.toString('latin1', 9, 12)));
    }
  }

  private answer(status: number): void {
    const { settle } = this;
    this.settle = undefined;
    settle?.(status);
  }
}
