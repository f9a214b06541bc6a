import { Metadata } from '@grpc/grpc-js';
import { SetMetadata, createParamDecorator, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import type { ApiKeys, ApiScope } from './api-keys.js';

const SCOPE = Symbol('scope');
const CALLER = Symbol('caller');

type Carrier = { [CALLER]?: string };

/** The scope that a controller or one of its handlers needs. Every handler must have one. */
export const Scope = (scope: ApiScope) => SetMetadata(SCOPE, scope);

/** The name of the API key that called, as a parameter of a handler. */
export const Caller = createParamDecorator((_: undefined, context: ExecutionContext) => carrierOf(context)[CALLER]);

/** Lets a request in when its API key has the handler's scope and budget left. */
export class ApiKeyGuard implements CanActivate {
  private readonly reflector = new Reflector();

  constructor(private readonly keys: ApiKeys) {}

  canActivate(context: ExecutionContext): true {
    const scope = this.reflector.getAllAndOverride<ApiScope | undefined>(SCOPE, [
      context.getHandler(),
      context.getClass(),
    ]);
    if (scope === undefined) {
      // Closed by default: a forgotten decorator must not open a route.
      throw new Error(`${context.getClass().name}.${context.getHandler().name} has no @Scope()`);
    }
    carrierOf(context)[CALLER] = this.keys.authorize(presentedKey(context), scope);
    return true;
  }
}

function carrierOf(context: ExecutionContext): Carrier {
  if (context.getType() === 'rpc') return context.switchToRpc().getContext<Metadata & Carrier>();
  return context.switchToHttp().getRequest<FastifyRequest & Carrier>();
}

function presentedKey(context: ExecutionContext): string | undefined {
  if (context.getType() === 'rpc') {
    const metadata = context.switchToRpc().getContext<Metadata>();
    return keyIn(metadata.get('authorization')[0], metadata.get('x-api-key')[0]);
  }
  const { headers } = context.switchToHttp().getRequest<FastifyRequest>();
  return keyIn(headers.authorization, headers['x-api-key']);
}

function keyIn(authorization: unknown, apiKey: unknown): string | undefined {
  if (typeof authorization === 'string' && /^bearer /i.test(authorization)) return authorization.slice(7).trim();
  return typeof apiKey === 'string' ? apiKey : undefined;
}
