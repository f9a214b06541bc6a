import { Catch, Inject, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { Fault } from '@vigia/contracts';
import { LOGGER, logFault, problemHeaders, problemOf, toFault, type Logger } from '@vigia/platform';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { XML, writeRejection } from './rejection.js';

/** A message that was read as bytes and can't be answered as it should. */
export class MessageRefused extends Error {
  constructor(
    readonly fault: Fault,
    readonly messageId: string | null,
  ) {
    super(fault.message, { cause: fault });
  }
}

export function isXml(request: FastifyRequest): boolean {
  return /^(application|text)\/xml\b/i.test(request.headers['content-type'] ?? '');
}

/** Answers whoever sent XML in XML; the others, and the log, get what every route gives. */
@Catch()
export class RejectionFilter implements ExceptionFilter {
  constructor(@Inject(LOGGER) private readonly logger: Logger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    const refused = error instanceof MessageRefused ? error : new MessageRefused(toFault(error), null);
    const fault = withRetry(refused.fault);
    logFault(this.logger, fault, { transport: 'http', requestId: request.id, route: request.routeOptions.url });
    if (reply.sent) return;
    const problem = problemOf(fault, request.id);
    void reply.status(problem.status).headers(problemHeaders(fault));
    if (!isXml(request)) void reply.send(JSON.stringify(problem));
    else void reply.type(XML).send(writeRejection(fault, refused.messageId));
  }
}

/** While a part is away nothing is lost, as the sender still has the message; it should know. */
function withRetry(fault: Fault): Fault {
  if (fault.kind !== 'weather') return fault;
  return new Fault(fault.code, {
    detail: `${fault.message} Nothing is lost: send the same message again.`,
    retryAfterS: fault.retryAfterS ?? 1,
    cause: fault.cause,
  });
}
