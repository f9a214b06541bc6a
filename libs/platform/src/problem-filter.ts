import { Metadata } from '@grpc/grpc-js';
import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { Fault } from '@vigia/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Counter } from 'prom-client';
import { throwError, type Observable } from 'rxjs';
import { logFault, type Logger } from './log.js';
import type { Metrics } from './metrics.js';
import { faultOfProblem, grpcStatusOf, problemHeaders, problemOf, toFault, type Problem } from './problem.js';

/** Metadata of a failed gRPC call: the problem as JSON bytes, and seconds after which a retry makes sense. */
const PROBLEM_KEY = 'vigia-problem-bin';
const RETRY_KEY = 'retry-after';

/** Answers whatever is thrown as a problem, over HTTP or gRPC; counts it by code and logs it by kind. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly problems: Counter<'code' | 'kind' | 'transport'>;

  constructor(
    private readonly logger: Logger,
    metrics: Metrics,
  ) {
    this.problems = metrics.counter('problems_total', 'Requests answered by a problem.', ['code', 'kind', 'transport']);
  }

  catch(error: unknown, host: ArgumentsHost): Observable<never> | void {
    if (host.getType() === 'rpc') return throwError(() => this.grpcError(toFault(error)));
    const http = host.switchToHttp();
    this.answer(error, http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>());
  }

  /** Answers over HTTP; also for errors that Fastify meets before Nest does. */
  answer(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
    const fault = toFault(error);
    this.note(fault, 'http', { requestId: request.id, route: request.routeOptions?.url });
    if (reply.sent) return;
    const problem = problemOf(fault, request.id);
    void reply.status(problem.status).headers(problemHeaders(fault)).send(JSON.stringify(problem));
  }

  private grpcError(fault: Fault): { code: number; details: string; metadata: Metadata } {
    this.note(fault, 'grpc', {});
    const metadata = new Metadata();
    metadata.set(PROBLEM_KEY, Buffer.from(JSON.stringify(problemOf(fault))));
    if (fault.retryAfterS !== undefined) metadata.set(RETRY_KEY, String(Math.ceil(fault.retryAfterS)));
    return { code: grpcStatusOf(fault), details: fault.message, metadata };
  }

  private note(fault: Fault, transport: 'http' | 'grpc', context: Record<string, unknown>): void {
    this.problems.inc({ code: fault.code, kind: fault.kind, transport });
    logFault(this.logger, fault, { transport, ...context });
  }
}

/** The fault that a call to another Vigia service failed with; without a problem in it the service is unavailable. */
export function faultOfGrpcError(error: unknown): Fault {
  const metadata = error instanceof Error && 'metadata' in error ? error.metadata : undefined;
  const bytes = metadata instanceof Metadata ? metadata.get(PROBLEM_KEY)[0] : undefined;
  if (!(metadata instanceof Metadata) || !Buffer.isBuffer(bytes)) {
    return new Fault('dependency_unavailable', { detail: 'A service did not answer.', retryAfterS: 1, cause: error });
  }
  const retryAfter = metadata.get(RETRY_KEY)[0];
  return faultOfProblem(JSON.parse(bytes.toString()) as Problem, retryAfter === undefined ? undefined : +retryAfter);
}
