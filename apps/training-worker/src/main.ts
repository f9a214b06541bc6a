import { ApiKeys, parseConfig, runService, startService } from '@vigia/platform';
import { AppModule } from './app.module.js';
import { trainingWorkerConfig } from './config.js';

void runService(() => {
  const config = parseConfig(trainingWorkerConfig, process.env);
  return startService({
    module: AppModule.register(config),
    config,
    name: 'training-worker',
    version: '0.1.0',
    apiKeys: ApiKeys.load(config.apiKeysFile),
  });
});
