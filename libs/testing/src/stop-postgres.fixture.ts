import { startPostgres } from './postgres-server.js';

/** Starts a server, kills it where asked to, stops it, and has nothing else to stay for. */
void startPostgres().then(async (server) => {
  if (process.argv[2] === 'kill9') await server.kill9();
  else await server.stop();
});
