import { ApiKeys, parseConfig, runService, startService } from '@vigia/platform';
import { AppModule } from './app.module.js';
import { RAW_BODIES, ingestionConfig } from './config.js';

void runService(() => {
  const config = parseConfig(ingestionConfig, process.env);
  return startService({
    module: AppModule.register(config),
    config,
    name: 'ingestion',
    version: '0.1.0',
    apiKeys: ApiKeys.load(config.apiKeysFile),
    rawBodies: RAW_BODIES,
  });
});
