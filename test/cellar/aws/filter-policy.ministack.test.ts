/** Filter policies on ministack, on which whole stacks are tried: its filter lacks operators that a plan must not use. */
import { testVectorsThrough } from './sns-vectors.ts';

testVectorsThrough('ministack');
