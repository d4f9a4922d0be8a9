export { openRun as default } from './shared-server.ts';
