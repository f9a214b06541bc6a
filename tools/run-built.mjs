import { bootstrap, build, run } from './bootstrap.mjs';

/** Sets up what is missing, builds, then runs `tools/dist/<name>.js` on the Node that the packages brought. */
export async function runBuilt(name, args) {
  await bootstrap();
  await build();
  process.exit(await run('node', [`tools/dist/${name}.js`, ...args]));
}
