import { startPostgres } from './postgres-server.js';

/** Starts a server, tells its URL, and stays until it is killed. */
void startPostgres().then((server) => {
  console.log(server.url);
  setInterval(() => undefined, 60_000);
});
