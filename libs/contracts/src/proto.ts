import { resolve } from 'node:path';

/** Where the service definitions lie, from `src` and from `dist` alike. */
export const PROTO_PATH = resolve(__dirname, '../proto/vigia.proto');
export const PROTO_PACKAGE = 'vigia.v1';
