/** `npm run staff`: what people do in the shop while it runs: prices, coupons, and what the outbox could not publish. */
import process from 'node:process';
import { runStaff } from './staff/run-staff.ts';

try {
  const { text, exitCode } = await runStaff(process.argv.slice(2), process.env);
  (exitCode === 0 ? process.stdout : process.stderr).write(text);
  process.exitCode = exitCode;
} catch (error) {
  process.stderr.write(`staff: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
