import { ApiKeys, parseConfig, runService, startService } from '@vigia/platform';
import { AppModule } from './app.module.js';
import { GRPC, featureStoreConfig } from './config.js';

void runService(() => {
  const config = parseConfig(featureStoreConfig, process.env);
  return startService({
    module: AppModule.register(config),
    config,
    name: 'feature-store',
    version: '0.1.0',
    apiKeys: ApiKeys.load(config.apiKeysFile),
    grpc: { ...GRPC, port: config.grpcPort },
  });
});
