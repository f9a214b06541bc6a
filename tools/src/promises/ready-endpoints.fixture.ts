import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const HOST = '127.0.0.1';

/**
 * A Service of Kubernetes on loopback: each connection goes to the next endpoint that its readiness probe last found
 * ready, and stays there. It retries nothing and knows nothing of HTTP.
 */
export class ReadyEndpoints {
  /** By URL, whether ready. */
  private readonly endpoints = new Map<string, boolean>();
  private readonly sockets = new Set<Socket>();
  private readonly server = createServer((client) => this.forward(client));
  private probing: Promise<void> | undefined;
  private isOver = false;
  private next = 0;
  url = '';

  /** @param probeMs time between two looks at an endpoint */
  static async open(probeMs: number): Promise<ReadyEndpoints> {
    const endpoints = new ReadyEndpoints();
    await new Promise<void>((settle) => endpoints.server.listen(0, HOST, settle));
    endpoints.url = `http://${HOST}:${(endpoints.server.address() as AddressInfo).port}`;
    endpoints.probing = endpoints.probe(probeMs);
    return endpoints;
  }

  /** Takes part once it is ready. */
  add(url: string): void {
    this.endpoints.set(url, false);
  }

  isReady(url: string): boolean {
    return this.endpoints.get(url) === true;
  }

  async close(): Promise<void> {
    this.isOver = true;
    await this.probing;
    for (const socket of this.sockets) socket.destroy();
    await new Promise((settle) => this.server.close(settle));
  }

  private async probe(everyMs: number): Promise<void> {
    while (!this.isOver) {
      for (const url of this.endpoints.keys()) {
        const ready = await fetch(`${url}/health/ready`).then(
          ({ ok }) => ok,
          () => false,
        );
        this.endpoints.set(url, ready);
      }
      await sleep(everyMs);
    }
  }

  private forward(client: Socket): void {
    const ready = [...this.endpoints].filter(([, isReady]) => isReady).map(([url]) => new URL(url));
    const target = ready[this.next++ % ready.length];
    if (target === undefined) return void client.resetAndDestroy();
    const server = connect(Number(target.port), target.hostname);
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      this.sockets.add(from);
      from.pipe(to);
      from.on('error', () => to.destroy());
      from.on('close', () => {
        this.sockets.delete(from);
        to.destroy();
      });
    }
  }
}
