import { ApiKeys } from './api-keys.js';
import { ProbeApp } from './probe-app.fixture.js';
import { serviceSettings } from './service-settings.js';
import { runService, startService } from './service.js';

void runService(async () => {
  const service = await startService({
    module: ProbeApp,
    config: serviceSettings.parse({ port: 0, host: '127.0.0.1', shutdownGraceMs: 10 }),
    name: 'probe',
    version: '1',
    apiKeys: new ApiKeys([]),
  });
  if (process.argv[2] === 'reject') setTimeout(() => void Promise.reject(new Error('nobody caught this')), 50);
  return service;
});
