import { defineApp } from '../../../../shared/cellar/index.ts';
import { kitchenTopology } from './topology.ts';

export const app = defineApp({
  topology: kitchenTopology,
  workersFolder: new URL('./workers/', import.meta.url).href,
});
