export { freePort, startServer, type OwnedServer } from './server-process.js';
export { startPostgres, type PostgresOptions } from './postgres-server.js';
export { startValkey, valkeyBinary, type ValkeyOptions } from './valkey-server.js';
export { startMlflow, type MlflowOptions } from './mlflow-server.js';
export { startS3, type S3Options } from './s3-server.js';
export { startCluster, type Cluster, type ClusterOptions } from './kubernetes-cluster.js';
export { KubernetesApi, KubernetesError, type KubernetesObject } from './kubernetes-api.js';
export { gpuNode, type NodeOptions } from './kubernetes-kubelet.js';
export {
  CLUSTER_PARTS,
  buildClusterPrograms,
  clusterProgram,
  hasClusterPrograms,
  partDirectory,
  type ClusterPart,
} from './kubernetes-programs.js';
export {
  createTestDatabase,
  mlflowServer,
  postgresServer,
  testPrefix,
  valkeyServer,
  type TestDatabase,
} from './test-servers.js';
export { TEST_TIME_MS, fixedClock, type FixedClock } from './clock.js';
export { spawnTypescript } from './typescript-child.js';
export { waitFor } from './wait-for.js';
export { cnpj, cpf } from './tax-id.js';
export {
  TEST_ISPB,
  paymentBuilder,
  pseudonymousPaymentBuilder,
  testEndToEndId,
  testPseudonym,
  type DeepPartial,
} from './payment-builder.js';
export {
  cellsOf,
  code,
  markdownOf,
  tablesIn,
  withRows,
  writeRows,
  type MarkedTable,
  type Tables,
} from './marked-tables.js';
export { ReferencePage, endpointRows, metricRows, settingRows } from './reference-page.js';
