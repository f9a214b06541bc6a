import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import { finalize, type Observable } from 'rxjs';
import type { Histogram } from 'prom-client';
import type { Metrics } from './metrics.js';
import type { Admission } from './overload.js';

/** Admission and timing of gRPC calls; HTTP has the same in its hooks. */
export class GrpcAdmission implements NestInterceptor {
  private readonly seconds: Histogram<'method'>;

  constructor(
    private readonly admission: Admission,
    metrics: Metrics,
  ) {
    this.seconds = metrics.histogram('grpc_request_seconds', 'Time of a gRPC call at the server, by method.', [
      'method',
    ]);
  }

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    this.admission.admit();
    const stop = this.seconds.startTimer({ method: context.getHandler().name });
    return next.handle().pipe(
      finalize(() => {
        this.admission.release();
        stop();
      }),
    );
  }
}
