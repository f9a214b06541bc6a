// `npm run charts`: renders the chart with each of charts/values into charts/rendered.
import { runBuilt } from './run-built.mjs';

await runBuilt('delivery/render-charts', []);
