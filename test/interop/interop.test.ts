/** Celery 5.6 and Cellar on one RabbitMQ, each with producers and workers: everything started once. */
import { afterAll, beforeAll, describe } from '@jest/globals';
import { type BothSides, hasBothSides, startBothSides } from './both-sides.ts';
import { pythonToTypescript } from './python-to-typescript.ts';
import { typescriptToPython } from './typescript-to-python.ts';
import { workflows } from './workflows.ts';

(hasBothSides() ? describe : describe.skip)('Celery and Cellar', () => {
  let sides: BothSides;
  beforeAll(async () => {
    sides = await startBothSides();
  }, 120_000);
  afterAll(() => sides?.stop(), 60_000);

  describe('from Python to TypeScript', () => pythonToTypescript(() => sides));
  describe('from TypeScript to Python', () => typescriptToPython(() => sides));
  describe('a workflow of both', () => workflows(() => sides));
});
