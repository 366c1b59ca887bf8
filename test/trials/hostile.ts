import { parseArgs } from 'node:util';
import { hostile, type HostileOutcome } from './hostile/trial.js';

/**
 * `npm run hostile -- --inputs N [--seed S] [--only K]`: N generated hostile inputs over every door. Input K of seed S
 * is always the same; `--only` sends that one alone.
 */
export default async function main(args: string[]): Promise<HostileOutcome> {
  const { values } = parseArgs({
    args,
    options: {
      inputs: { type: 'string', default: '1000' },
      seed: { type: 'string', default: '1' },
      only: { type: 'string' },
      // The outcome is one line of JSON with or without it.
      json: { type: 'boolean' },
    },
  });
  const [inputs, seed, only] = [values.inputs, values.seed, values.only].map((text) =>
    text === undefined ? undefined : wholeNumber(text),
  );
  const started = performance.now();
  let said = 0;
  const outcome = await hostile({
    first: only ?? 0,
    end: only === undefined ? inputs! : only + 1,
    seed: seed!,
    onProgress: (done, total, lost) => {
      if (performance.now() - said < 5_000 && done < total) return;
      said = performance.now();
      const pace = Math.round((done * 1000) / (said - started));
      process.stderr.write(`${done} of ${total} inputs, ${pace} a second, ${lost} lost\n`);
    },
  });
  for (const { number, door, about, fault } of outcome.losses)
    process.stderr.write(`lost: --seed ${seed} --only ${number}: ${door}: ${about}: ${fault}\n`);
  return outcome;
}

function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new Error(`not a whole number: ${text}`);
  return Number(text);
}
