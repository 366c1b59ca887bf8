/**
 * Typesets one document in a thread of its own, as the compiler is synchronous. It ends afterwards, and with it the
 * memory that the compiler keeps.
 */
import { readFileSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { NodeCompiler, PdfStandard } from '@myriaddreamin/typst-ts-node-compiler';
import type { TypesetJob, TypesetResult } from './typeset.js';

// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
parentPort!.postMessage(typeset(workerData as TypesetJob));

function typeset(job: TypesetJob): TypesetResult {
  const compiler = NodeCompiler.create({
    workspace: job.folder,
    fontArgs: [{ fontBlobs: job.fonts.map((path) => readFileSync(path)) }],
  });
  // Beside the template, where `json("data.json")` finds it. Data never becomes source text.
  compiler.mapShadow(`${job.folder}/data.json`, Buffer.from(job.data, 'utf8'));
  const compiled = compiler.compile({ mainFilePath: `${job.folder}/${job.template}` });
  if (!compiled.result) {
    return { error: JSON.stringify(compiled.takeDiagnostics()?.shortDiagnostics ?? 'no result') };
  }
  // PDF/UA-1 makes the compiler refuse pictures without alternative text and characters without a glyph.
  const pdf = compiler.pdf(compiled.result, {
    pdfStandard: PdfStandard.UA_1,
    creationTimestamp: job.timestamp,
  });
  compiler.evictCache(0);
  return { pdf: new Uint8Array(pdf) };
}
