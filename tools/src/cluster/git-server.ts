import { spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

/** A repository on 127.0.0.1, with a working copy of it. */
export interface GitServer {
  url: string;
  /** Changes a file of the working copy and pushes that as one commit; resolves to the commit. */
  commit(message: string, file: string, change: (text: string) => string): string;
  stop(): Promise<void>;
}

/** Serves a new repository whose first commit holds `folders` of `source`, by git's own http-backend. */
export async function startGitServer(directory: string, source: string, folders: string[]): Promise<GitServer> {
  const [bare, copy] = [join(directory, 'vigia.git'), join(directory, 'copy')];
  mkdirSync(copy, { recursive: true });
  git(directory, 'init', '--quiet', '--bare', '--initial-branch=main', bare);
  git(directory, 'clone', '--quiet', bare, copy);
  for (const folder of folders)
    cpSync(join(source, folder), join(copy, folder), { recursive: true, verbatimSymlinks: true });
  const push = (message: string): string => {
    git(copy, 'add', '--all');
    git(copy, '-c', 'user.name=suite', '-c', 'user.email=suite@example.com', 'commit', '--quiet', '-m', message);
    git(copy, 'push', '--quiet', 'origin', 'HEAD:main');
    return git(copy, 'rev-parse', 'HEAD').trim();
  };
  push('All of it');
  const server = createServer((request, answer) => serve(directory, request, answer));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/vigia.git`,
    commit(message, file, change) {
      const path = join(copy, file);
      const text = readFileSync(path, 'utf8');
      const changed = change(text);
      if (changed === text) throw new Error(`${file}: the change changes nothing`);
      writeFileSync(path, changed);
      return push(message);
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function git(directory: string, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync('git', args, { cwd: directory, encoding: 'utf8' });
  if (status === 0) return stdout;
  throw new Error(`git ${args.join(' ')}: ${stderr}`);
}

/** One request as CGI (RFC 3875): what git needs of it in the environment, head and body of the answer on one stream. */
function serve(root: string, request: IncomingMessage, answer: ServerResponse): void {
  const { pathname, search } = new URL(request.url!, 'http://127.0.0.1');
  const backend = spawn('git', ['http-backend'], {
    env: {
      PATH: process.env['PATH'],
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: '1',
      PATH_INFO: pathname,
      QUERY_STRING: search.slice(1),
      REQUEST_METHOD: request.method,
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
      ...(request.headers['git-protocol'] ? { GIT_PROTOCOL: String(request.headers['git-protocol']) } : {}),
    },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  request.pipe(backend.stdin);
  // git may answer before it has read all.
  backend.stdin.on('error', () => undefined);
  const parts: Buffer[] = [];
  backend.stdout.on('data', (part: Buffer) => parts.push(part));
  backend.once('close', () => {
    const output = Buffer.concat(parts);
    const end = output.indexOf('\r\n\r\n');
    let status = end < 0 ? 500 : 200;
    for (const line of output.subarray(0, Math.max(end, 0)).toString().split('\r\n')) {
      const [name, value] = line.split(/: (.*)/);
      if (name === 'Status') status = Number.parseInt(value!, 10);
      else if (name) answer.setHeader(name, value!);
    }
    answer.writeHead(status).end(output.subarray(end + 4));
  });
}
