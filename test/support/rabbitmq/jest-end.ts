export { closeRun as default } from './shared-server.ts';
