// SPDX-License-Identifier: Apache-2.0
// The shared cases, and what is Node's own.
'use strict';

const assert = require('node:assert/strict');
const { execFileSync } = require('node:child_process');
const { createHash } = require('node:crypto');
const { once } = require('node:events');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { test } = require('node:test');
const { Worker } = require('node:worker_threads');
const stm32tvm = require('stm32tvm');

const { ModelLibrary, MemoryPlan, ProjectEmitter } = stm32tvm;
const cases = JSON.parse(fs.readFileSync(process.env.STM32TVM_CASES, 'utf8'));
const data = (name) => path.join(process.env.STM32TVM_DATA, name);
const manifest = '.stm32tvm-manifest';

/** By path: the hash of each file that the command-line program wrote. */
function golden(name) {
  const lines = fs.readFileSync(path.join(process.env.STM32TVM_GOLDEN, `${name}.sha256`), 'utf8').trim().split('\n');
  return Object.fromEntries(lines.map((line) => line.split('  ').reverse()));
}

/** The same of files: pairs of path and bytes. */
function hashes(files) {
  return Object.fromEntries(
    [...files].map(([name, bytes]) => [name, createHash('sha256').update(bytes).digest('hex')]));
}

function filesIn(folder) {
  return fs.readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const found = path.join(folder, entry.name);
    return entry.isDirectory()
      ? filesIn(found).map(([name, bytes]) => [`${entry.name}/${name}`, bytes])
      : [[entry.name, fs.readFileSync(found)]];
  });
}

const camelCase = (options) => Object.fromEntries(Object.entries(options).map(([key, value]) =>
  [key.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase()), value]));

async function emitted(name, options = {}) {
  const one = cases.emissions.find((emission) => emission.name === name);
  const library = await ModelLibrary.open(data(one.archive));
  const network = await library.network('', camelCase(one.network));
  const plan = await MemoryPlan.make(network, camelCase(one.plan));
  const bytes = (names) => names.map((file) => fs.readFileSync(data(file)));
  const samples = one.samples.map(({ inputs, outputs }) => ({ inputs: bytes(inputs), outputs: bytes(outputs) }));
  return ProjectEmitter.emit(plan, { ...camelCase(one.emit), samples, ...options });
}

const hasFields = (object, fields) =>
  Object.entries(fields).forEach(([key, value]) => assert.deepEqual(object[key], value));

for (const [source, open] of Object.entries({
  path: (file) => ModelLibrary.open(file),
  bytes: (file) => ModelLibrary.fromBytes(fs.readFileSync(file)),
  'a part of a buffer': (file) =>
    ModelLibrary.fromBytes(Buffer.concat([Buffer.alloc(7), fs.readFileSync(file)]).subarray(7)),
})) {
  test(`open: ${source}`, async () => {
    const library = await open(data(cases.open.archive));
    assert.equal(library.formatVersion, cases.open.format_version);
    assert.deepEqual(library.modules, cases.open.modules);
  });
}

test('bad files', async () => {
  for (const { archive, code, status, message } of cases.bad_files) {
    await assert.rejects(ModelLibrary.open(data(archive)), (error) => {
      assert.ok(error instanceof stm32tvm.Stm32tvmError && error instanceof Error);
      hasFields(error, { code, status, where: data(archive), message: `${error.where}: ${error.reason}` });
      return error.reason.includes(message);
    });
  }
});

test('limits', async () => {
  const { limits, code, status } = cases.limit;
  await assert.rejects(ModelLibrary.open(data(cases.open.archive), { limits: camelCase(limits) }), { code, status });
});

test('describe', async () => {
  const expected = cases.describe;
  const library = await ModelLibrary.open(data(expected.archive));
  const network = await library.network(library.modules[0].name);
  for (const side of ['inputs', 'outputs']) {
    assert.equal(network[side].length, expected[side].length);
    expected[side].forEach((fields, index) => hasFields(network[side][index], fields));
  }
  assert.equal(network.operators.length, expected.operators);
  assert.equal(network.tensors[network.operators[0].inputs[0]], network.inputs[0]);
  assert.ok(network.parameters.length > 0 && network.parameters.every((tensor) => tensor.constant));
  assert.equal(network.executor, library.modules[0].executor);
  await network.applyQuantization(expected.quantization);
  const { scale, zero_point: zeroPoint } = expected.quantization.tensors[network.inputs[0].name];
  assert.deepEqual(network.inputs[0].quantization,
    { kind: 'per_tensor', source: 'caller', scales: [scale], zeroPoints: [zeroPoint], axis: -1 });
  const code = expected.bad_code;
  await assert.rejects(network.applyQuantization(expected.bad_quantization), { code });
  await assert.rejects(network.applyTflite(Buffer.from('no file')), { code });
  await assert.rejects(library.network('other'), { code });
  assert.equal(JSON.parse(network.json).module_name, network.moduleName);
});

test('weights by group', async () => {
  const library = await ModelLibrary.open(data(cases.describe.archive));
  const network = await library.network('', { weightsGroups: [{ place: 'external', address: '0x90000000' }] });
  const { needs } = await MemoryPlan.make(network);
  assert.ok(needs.weightsBytes > 0);
  assert.equal(needs.flashBytes, needs.tablesBytes);
  assert.equal(needs.externalWeightsBytes, needs.weightsBytes);
});

test('plan', async () => {
  const network = await (await ModelLibrary.open(data(cases.describe.archive))).network();
  const [kept, consumed] = await Promise.all(
    ['keep', 'consume'].map((inputs) => MemoryPlan.make(network, { inputs })));
  assert.ok(consumed.bytes < kept.bytes);
  assert.equal(kept.needs.arenaBytes, kept.bytes);
  assert.equal(kept.pools[0].bytes, kept.bytes);
  assert.equal(kept.needs.flashBytes, kept.needs.weightsBytes + kept.needs.tablesBytes);
  assert.ok(kept.buffers.every((buffer) => buffer.offset + buffer.bytes <= kept.bytes));
  await assert.rejects(MemoryPlan.make(network, { pools: [{ name: 'small', sizeBytes: 64 }] }),
    { code: 'does_not_fit' });
});

for (const { name } of cases.emissions) {
  test(`emit: ${name}`, async () => {
    const { [manifest]: _, ...expected } = golden(name);
    const tree = await emitted(name);
    assert.deepEqual(hashes(tree), expected);
    assert.equal(tree.get('no/such.c'), undefined);
  });
}

test('emit several networks', async () => {
  const plans = await Promise.all(['digits_int8/graph_named.tar', 'digits_int8/graph.tar'].map(async (archive) =>
    MemoryPlan.make(await (await ModelLibrary.open(data(archive))).network())));
  const tree = await ProjectEmitter.emitAll(plans, { name: 'both' });
  const folders = new Set(tree.paths.map((file) => file.split('/')[0]).filter((part) => part.startsWith('both_')));
  assert.equal(folders.size, 2);
  const named = await ProjectEmitter.emitAll(plans, { names: ['left', 'right'] });
  assert.ok(named.paths.includes('left/left.h') && named.paths.includes('right/right.h'));
  const samples = [{ inputs: [fs.readFileSync(data('digits_int8/in0_0.bin'))], network: 1 }];
  const checked = await ProjectEmitter.emitAll(plans, { names: ['left', 'right'], target: 'netduinoplus2', samples });
  assert.ok(checked.get('firmware/left_samples.c').length < checked.get('firmware/right_samples.c').length);
});

test('a budget', async () => {
  await assert.rejects(emitted('firmware', { budget: { ramBytes: 64 } }), { code: 'does_not_fit' });
});

test('boards of your own', async () => {
  const boards = {
    format: 1,
    parts: [{
      name: 'STM32F405RG', core: 'cortex-m4', fpu: 'fpv4-sp-d16', systick_hz: 16000000, interrupts: 82,
      memories: [
        { name: 'FLASH', address: '0x08000000', size_kib: 1024, executable: true },
        { name: 'RAM', address: '0x20000000', size_kib: 128 },
      ],
      openocd_target: 'stm32f4x', source: 'its data sheet', verified: true,
    }],
    boards: [{ name: 'mine', description: 'Our sensor node', part: 'STM32F405RG', source: 'its schematic' }],
  };
  const tree = await emitted('firmware', { target: 'mine', boards });
  assert.ok(tree.paths.some((file) => file.startsWith('firmware/')));
});

test('write', async () => {
  const work = fs.mkdtempSync(path.join(os.tmpdir(), 'stm32tvm-'));
  try {
    const folder = path.join(work, 'a', cases.write);
    const tree = await emitted(cases.write);
    assert.deepEqual(await tree.writeTo(folder), { changed: tree.paths, removed: [], unchanged: 0 });
    assert.deepEqual(hashes(filesIn(folder)), golden(cases.write));
    assert.deepEqual(await tree.writeTo(folder), { changed: [], removed: [], unchanged: tree.size });
    fs.appendFileSync(path.join(folder, tree.paths[0]), 'edited');
    await assert.rejects(tree.writeTo(folder), { code: 'cannot_write' });
    assert.deepEqual((await tree.writeTo(folder, { replaceEdited: true })).changed, [tree.paths[0]]);
    assert.deepEqual(hashes(filesIn(folder)), golden(cases.write));
  } finally {
    fs.rmSync(work, { recursive: true });
  }
});

/** The calls of cases.cancel. */
const cancellable = {
  open: (options) => ModelLibrary.open(data(cases.open.archive), options),
  network: async (options) => (await ModelLibrary.open(data(cases.open.archive))).network('', options),
  emit: (options) => emitted('network', options),
};

for (const { call, stop_at: stopAt } of cases.cancel) {
  test(`cancel: ${call}`, async () => {
    const stops = {
      'by what is returned': { stop: () => false, expected: { code: 'cancelled' } },
      'by what is thrown': {
        stop: () => {
          throw new RangeError('enough');
        },
        expected: RangeError,
      },
    };
    for (const { stop, expected } of Object.values(stops)) {
      let seen = 0;
      const onProgress = ({ item, done, total }) => {
        assert.ok(item && done <= total);
        seen += 1;
        return seen === stopAt ? stop() : undefined;
      };
      await assert.rejects(cancellable[call]({ onProgress }), expected);
      assert.equal(seen, stopAt);
    }
    const controller = new AbortController();
    const aborting = { onProgress: () => controller.abort(), signal: controller.signal };
    await assert.rejects(cancellable[call](aborting), { code: 'cancelled' });
    await assert.rejects(cancellable[call]({ signal: AbortSignal.abort() }), { code: 'cancelled' });
  });
}

test('progress ends at its total', async () => {
  const seen = [];
  await emitted('network', { onProgress: (progress) => void seen.push(progress) });
  assert.ok(seen.length > 1);
  assert.equal(seen.at(-1).done, seen.at(-1).total);
});

/** Ends in the middle of a call: the call waits for onProgress, which does not return. */
const ending = (how) => `require(${JSON.stringify(require.resolve('stm32tvm'))}).ModelLibrary.open(
  ${JSON.stringify(data(cases.open.archive))}, { onProgress: () => ${how} })`;

test('a program may end in the middle of a call', () => {
  assert.throws(() => execFileSync(process.execPath, ['-e', ending('process.exit(5)')], { timeout: 60000 }),
    { status: 5 });
});

test('a worker may end in the middle of a call', async () => {
  for (const how of ['process.exit(5)', '{ postMessage(0); for (;;); }']) {
    const source = `const { parentPort } = require('node:worker_threads');
      const postMessage = (message) => parentPort.postMessage(message);
      ${ending(how)}`;
    const worker = new Worker(source, { eval: true });
    worker.on('message', () => worker.terminate());
    const [code] = await once(worker, 'exit');
    assert.equal(code, how.startsWith('process') ? 5 : 1);
  }
});

test('calls of one object may overlap', async () => {
  const network = await (await ModelLibrary.open(data(cases.describe.archive))).network();
  const calls = Array.from({ length: 12 }, (_, index) => index % 3 === 0
    ? network.applyQuantization(cases.describe.quantization)
    : MemoryPlan.make(network));
  const plans = (await Promise.all(calls)).filter((made) => made !== undefined);
  assert.equal(plans.length, 8);
  assert.equal(new Set(plans.map((plan) => plan.json)).size, 1);
});

test('options that are declared are those of the library', async () => {
  const types = fs.readFileSync(require.resolve('stm32tvm/index.d.ts'), 'utf8');
  const declared = (name) => [...types.match(new RegExp(`interface ${name} [^]*?\\n}`))[0].matchAll(/^  (\w+)\?:/gm)]
    .map(([, key]) => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`));
  const library = await ModelLibrary.open(data(cases.open.archive));
  const network = await library.network();
  const plan = await MemoryPlan.make(network);
  const wrong = { other: 1 };
  for (const [name, call] of Object.entries({
    Limits: () => ModelLibrary.open(data(cases.open.archive), { limits: wrong }),
    NetworkOptions: () => library.network('', wrong),
    PlanOptions: () => MemoryPlan.make(network, wrong),
    EmitOptions: () => ProjectEmitter.emit(plan, wrong),
  })) {
    const { reason } = await call().catch((error) => error);  // it names the options that there are
    const keys = declared(name).filter((key) => key !== 'samples');
    assert.ok(keys.length > 1);
    assert.deepEqual(keys.filter((key) => !reason.includes(`"${key}"`)), [], name);
  }
});

test('what is no object of the package', async () => {
  await assert.rejects(MemoryPlan.make({}), TypeError);
  await assert.rejects(ModelLibrary.fromBytes('text'), TypeError);
  await assert.rejects(ModelLibrary.open(7), TypeError);
});

test('targets and versions', async () => {
  assert.ok((await stm32tvm.targets()).some(({ name, part }) => name === 'netduinoplus2' && part));
  assert.equal(stm32tvm.formatVersions.maximum, cases.open.format_version);
  assert.equal(stm32tvm.contractVersion, 1);
  assert.match(stm32tvm.version, /^\d+\.\d+\.\d+$/);
  assert.equal(require('stm32tvm/package.json').version, stm32tvm.version);
});
