// SPDX-License-Identifier: Apache-2.0
// usage.ts ARCHIVE SAMPLE: a program in TypeScript that uses what index.d.ts declares. It is compiled, and then run: what is
// declared is there.
import assert = require('node:assert/strict');
import * as fs from 'node:fs';
import * as stm32tvm from 'stm32tvm';
import { MemoryPlan, ModelLibrary, NetworkDescriptor, ProjectEmitter, SourceTree, Stm32tvmError } from 'stm32tvm';

/** Each of these fields is in each of the values. */
function has<T>(values: readonly T[], ...fields: (keyof T)[]): void {
  assert(values.length > 0);
  values.forEach((value) => fields.forEach((field) => assert(value[field] !== undefined)));
}

async function main(archive: string, sample: Uint8Array): Promise<void> {
  const seen: stm32tvm.Progress[] = [];
  const library: ModelLibrary = await ModelLibrary.open(archive, {
    limits: { archiveBytes: 1 << 20 },
    onProgress: (progress) => void seen.push(progress),
    signal: new AbortController().signal,
  });
  has(seen, 'item', 'done', 'total');
  has([library], 'formatVersion', 'modules');
  has(library.modules, 'name', 'executor');

  const network: NetworkDescriptor = await library.network('', { keepConstants: true });
  has([network], 'moduleName', 'executor', 'tensors', 'inputs', 'outputs', 'parameters', 'operators', 'diagnostics',
    'json');
  has([...network.tensors, ...network.parameters], 'name', 'type', 'shape', 'bytes', 'constant', 'quantization');
  has([...network.inputs, ...network.outputs], 'sourceName', 'identifier');
  has(network.inputs.map((tensor) => tensor.quantization), 'kind', 'source', 'scales', 'zeroPoints', 'axis');
  has(network.operators, 'name', 'kind', 'kernel', 'inputs', 'outputs', 'workspaceBytes', 'stackBytes');
  has(network.diagnostics, 'kind', 'message', 'where');

  const plan: MemoryPlan = await MemoryPlan.make(network, { inputs: 'consume', alignment: 16 });
  has([plan], 'bytes', 'needs', 'pools', 'buffers', 'steps', 'json');
  has([plan.needs], 'ramBytes', 'flashBytes', 'arenaBytes', 'arenaLowerBoundBytes', 'contextBytes', 'heapBytes',
    'stackBytes', 'weightsBytes', 'externalWeightsBytes', 'copiedWeightsBytes', 'tablesBytes');
  has(plan.pools, 'name', 'bytes');
  has(plan.buffers, 'kind', 'name', 'bytes', 'pool', 'offset', 'firstStep', 'lastStep');
  has(plan.steps, 'step', 'operator', 'liveBytes', 'liveBuffers');

  const samples: stm32tvm.Sample[] = [{ inputs: [sample] }];
  const options: stm32tvm.EmitOptions = { name: 'digits', cApi: 'st-ai', target: 'netduinoplus2', samples };
  const tree: SourceTree = await ProjectEmitter.emit(plan, options);
  assert(tree.size === tree.paths.length && [...tree].length === tree.size);
  for (const [path, contents] of tree) {
    assert(tree.get(path)?.length === contents.length);
  }
  const written: stm32tvm.Written = await tree.writeTo('typed', { replaceEdited: true });
  has([written], 'changed', 'removed', 'unchanged');

  has(await stm32tvm.targets(), 'name', 'description', 'part');
  has([stm32tvm], 'version', 'contractVersion', 'formatVersions');
  has([stm32tvm.formatVersions], 'minimum', 'maximum');

  // @ts-expect-error: there is no such device API
  const failure: unknown = await ProjectEmitter.emitAll([plan], { cApi: 'st' }).catch((error: unknown) => error);
  assert(failure instanceof Stm32tvmError && failure instanceof Error);
  has([failure], 'code', 'reason', 'where', 'status', 'message');
  // @ts-expect-error: a descriptor is read-only
  network.inputs = [];
}

const [archive, sample] = process.argv.slice(2);
main(archive, fs.readFileSync(sample));
