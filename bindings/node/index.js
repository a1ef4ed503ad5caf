// SPDX-License-Identifier: Apache-2.0
// The classes of index.d.ts over the addon: names and JSON are converted, nothing else.
'use strict';

const native = require('./native/stm32tvm.node');

class Stm32tvmError extends Error {
  constructor({ code, message, where, status }) {
    super(where ? `${where}: ${message}` : message);
    this.name = 'Stm32tvmError';
    this.code = code;
    this.reason = message;
    this.where = where;
    this.status = status;
  }
}

const toSnakeCase = (name) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
const toCamelCase = (name) => name.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase());

/** A value of JSON with the keys of all its objects renamed. */
function renamed(value, rename) {
  if (Array.isArray(value)) {
    return value.map((each) => renamed(each, rename));
  }
  if (value === null || typeof value !== 'object') {
    return value;
  }
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [rename(key), renamed(each, rename)]));
}

/** Options as JSON with the keys of the C ABI. Boards and profiles are files' contents: their keys stay. */
const optionsText = ({ boards, kernelProfile, ...others }) =>
  JSON.stringify({ ...renamed(others, toSnakeCase), boards, kernel_profile: kernelProfile });

const parsed = (text) => renamed(JSON.parse(text), toCamelCase);

/** Awaits a call of the addon; what it is rejected with becomes an error. */
async function called(promise) {
  try {
    return await promise;
  } catch (failure) {
    throw failure instanceof Error ? failure : new Stm32tvmError(failure);
  }
}

/** Cancels the calls that go on when the program ends: they would wait for onProgress, which answers no more. */
const goingOn = new Set();
process.once('exit', () => goingOn.forEach(native.cancel));

/** Makes a call that tells its progress and can be cancelled; what the callback throws comes out of it. */
async function calledWithProgress({ onProgress, signal }, call) {
  const cancellation = native.cancellation();
  const cancel = () => native.cancel(cancellation);
  let thrown;
  const goesOn = (item, done, total) => {
    try {
      return onProgress({ item, done, total }) !== false;
    } catch (error) {
      thrown = { error };
      return false;
    }
  };
  if (signal?.aborted) {
    cancel();
  }
  signal?.addEventListener('abort', cancel);
  goingOn.add(cancellation);
  try {
    return await called(call(onProgress && goesOn, cancellation));
  } catch (error) {
    throw thrown ? thrown.error : error;
  } finally {
    goingOn.delete(cancellation);
    signal?.removeEventListener('abort', cancel);
  }
}

/** The addon's object of each object of the classes below. */
const handles = new WeakMap();

class ModelLibrary {
  constructor(handle) {
    handles.set(this, handle);
    Object.assign(this, native.libraryContents(handle));
  }

  static async open(path, { limits = {}, ...progress } = {}) {
    return new ModelLibrary(
      await calledWithProgress(progress, (...rest) => native.open(path, optionsText(limits), ...rest)));
  }

  static async fromBytes(bytes, { limits = {}, ...progress } = {}) {
    return new ModelLibrary(
      await calledWithProgress(progress, (...rest) => native.fromBytes(bytes, optionsText(limits), ...rest)));
  }

  async network(module = '', { onProgress, signal, ...options } = {}) {
    const network = new NetworkDescriptor(await calledWithProgress({ onProgress, signal }, (...rest) =>
      native.describe(handles.get(this), module, optionsText(options), ...rest)));
    await read(network);
    return network;
  }
}

class NetworkDescriptor {
  constructor(handle) {
    handles.set(this, handle);
  }

  async applyTflite(bytes) {
    await called(native.applyTflite(handles.get(this), bytes));
    await read(this);
  }

  async applyQuantization(overrides) {
    await called(native.applyQuantization(handles.get(this), JSON.stringify(overrides)));
    await read(this);
  }
}

/** Gives the descriptor its fields. */
async function read(network) {
  const json = await called(native.networkToJson(handles.get(network)));
  const { moduleName, executor, tensors, inputs, outputs, parameters, operators, diagnostics } = parsed(json);
  const named = (indices) => indices.map((index) => tensors[index]);
  const indicesOf = (uses) => uses.map(({ tensor }) => tensor);
  Object.assign(network, {
    moduleName,
    executor,
    tensors,
    inputs: named(inputs),
    outputs: named(outputs),
    parameters: named(parameters),
    operators: operators.map(({ name, kind, kernel, workspaces, stackBytes, ...operator }) => ({
      name,
      kind,
      kernel,
      inputs: indicesOf(operator.inputs),
      outputs: indicesOf(operator.outputs),
      workspaceBytes: workspaces.map(({ bytes }) => bytes),
      stackBytes,
    })),
    diagnostics,
    json,
  });
}

class MemoryPlan {
  constructor(handle, json) {
    handles.set(this, handle);
    const { pools, buffers, steps, handovers, peakStep, ...needs } = parsed(json);
    Object.assign(this, { bytes: native.planBytes(handle), needs, pools, buffers, steps, json });
  }

  static async make(network, options = {}) {
    const handle = await called(native.makePlan(handles.get(network), optionsText(options)));
    return new MemoryPlan(handle, await called(native.planToJson(handle)));
  }
}

class SourceTree {
  #indices;

  constructor(handle) {
    handles.set(this, handle);
    this.#indices = new Map(native.treePaths(handle).map((path, index) => [path, index]));
  }

  get size() {
    return this.#indices.size;
  }

  get paths() {
    return [...this.#indices.keys()];
  }

  get(path) {
    const index = this.#indices.get(path);
    return index === undefined ? undefined : native.treeFile(handles.get(this), index);
  }

  *[Symbol.iterator]() {
    for (const path of this.#indices.keys()) {
      yield [path, this.get(path)];
    }
  }

  async writeTo(folder, { replaceEdited = false } = {}) {
    return JSON.parse(await called(native.writeTo(handles.get(this), folder, replaceEdited)));
  }
}

class ProjectEmitter {
  static emit(plan, options) {
    return ProjectEmitter.emitAll([plan], options);
  }

  static async emitAll(plans, { samples = [], onProgress, signal, ...options } = {}) {
    return new SourceTree(await calledWithProgress({ onProgress, signal }, (...rest) =>
      native.emit(plans.map((plan) => handles.get(plan)), optionsText(options), samples, ...rest)));
  }
}

async function targets() {
  return JSON.parse(await called(native.targets()));
}

const { library: version, contract: contractVersion, formatMinimum, formatMaximum } = native.versions();
const formatVersions = { minimum: formatMinimum, maximum: formatMaximum };

// Plain names, which import statements see.
module.exports = {
  MemoryPlan,
  ModelLibrary,
  NetworkDescriptor,
  ProjectEmitter,
  SourceTree,
  Stm32tvmError,
  contractVersion,
  formatVersions,
  targets,
  version,
};
