import { Metadata } from '@grpc/grpc-js';
import { ClientProxyFactory, Transport, type ClientGrpcProxy } from '@nestjs/microservices';
import { Fault, PROTO_PACKAGE, PROTO_PATH, assessment, type Assessment, type Payment } from '@vigia/contracts';
import { faultOfGrpcError } from '@vigia/platform';
import { firstValueFrom, type Observable } from 'rxjs';

export interface ScoringClientOptions {
  /** `HOST:PORT` or any other name that gRPC resolves. */
  address: string;
  apiKey: string;
  deadlineMs: number;
}

interface Scoring {
  assess(payment: Payment, metadata: Metadata, options: { deadline: number }): Observable<object>;
}

/** Pods of scoring come and go behind one name: each call goes to the next of them. */
const ROUND_ROBIN = JSON.stringify({ loadBalancingConfig: [{ round_robin: {} }] });

/** The decision service, called by gRPC. Connects when it is first used, and again by itself. */
export class ScoringClient {
  private readonly client: ClientGrpcProxy;
  private readonly scoring: Scoring;
  private readonly metadata = new Metadata();

  constructor(private readonly options: ScoringClientOptions) {
    this.client = ClientProxyFactory.create({
      transport: Transport.GRPC,
      options: {
        url: options.address,
        package: PROTO_PACKAGE,
        protoPath: PROTO_PATH,
        // Absent stays absent; lists are always there.
        loader: { keepCase: false, longs: Number, enums: String, defaults: false, arrays: true },
        keepalive: { keepaliveTimeMs: 30_000, keepaliveTimeoutMs: 5_000 },
        channelOptions: {
          'grpc.service_config': ROUND_ROBIN,
          // After an outage the first call must not wait for a minute's back-off.
          'grpc.initial_reconnect_backoff_ms': 100,
          'grpc.max_reconnect_backoff_ms': 1_000,
        },
      },
    }) as ClientGrpcProxy;
    this.scoring = this.client.getService<Scoring>('Scoring');
    this.metadata.set('x-api-key', options.apiKey);
  }

  /**
   * Decides one payment; a repeat gets the first answer.
   * @throws {Fault} as scoring refused it; `dependency_unavailable` when it does not answer in time; `internal` when it
   *   does not know our API key or answers what is no assessment
   */
  async assess(payment: Payment): Promise<Assessment> {
    let answer: object;
    try {
      const deadline = Date.now() + this.options.deadlineMs;
      answer = await firstValueFrom(this.scoring.assess(payment, this.metadata, { deadline }));
    } catch (error) {
      throw ours(faultOfGrpcError(error));
    }
    const result = assessment.safeParse({ probability: null, model: null, ...answer });
    if (result.success) return result.data;
    throw new Fault('internal', { detail: 'Scoring answered what is no assessment.', cause: result.error });
  }

  close(): void {
    this.client.close();
  }
}

/** What scoring says of this service, not of the payment, is not our caller's to mend. */
function ours(fault: Fault): Fault {
  const { code, message, retryAfterS } = fault;
  if (code === 'unauthenticated' || code === 'forbidden') {
    return new Fault('internal', { detail: 'Scoring does not accept this service.', cause: fault });
  }
  if (code === 'rate_limited' || code === 'shutting_down') {
    return new Fault('overloaded', { detail: message, retryAfterS: retryAfterS ?? 1, cause: fault });
  }
  return fault;
}
