import { ApiKeys, parseConfig, runService, startService } from '@vigia/platform';
import { AppModule } from './app.module.js';
import { monitoringConfig } from './config.js';

void runService(() => {
  const config = parseConfig(monitoringConfig, process.env);
  return startService({
    module: AppModule.register(config),
    config,
    name: 'monitoring',
    version: '0.1.0',
    apiKeys: ApiKeys.load(config.apiKeysFile),
  });
});
