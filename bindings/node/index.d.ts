// SPDX-License-Identifier: Apache-2.0
/// <reference types="node" />

/**
 * Turns neural networks that TVM compiled for microcontrollers into C for an STM32:
 * archive, ModelLibrary, NetworkDescriptor, MemoryPlan, SourceTree, folder. Sizes are in bytes. Work is done on the
 * threads of Node's pool; a promise is rejected with Stm32tvmError.
 */

/** Why a call failed; docs/errors.md of the project explains each code. */
export class Stm32tvmError extends Error {
  /** Stable name: "cannot_read", "does_not_fit", "cancelled". */
  readonly code: string;
  /** What was found, what was needed, what to do. */
  readonly reason: string;
  /** The archive's member and the place in it; empty when there is none. */
  readonly where: string;
  /** stm32tvm_status of the C ABI, a negative number. */
  readonly status: number;
}

/** How far a call has come. */
export interface Progress {
  /** What was just done: a member of the archive, a part of the emitted tree. */
  readonly item: string;
  /** Of `total`, in units of the call's own. */
  readonly done: number;
  readonly total: number;
}

export interface ProgressOptions {
  /** The call waits for it. Returning false stops the call, which fails with code "cancelled"; what it throws stops
   * the call too, and the promise is rejected with it. */
  onProgress?: (progress: Progress) => boolean | void;
  /** Stops the call with code "cancelled" once it is aborted. */
  signal?: AbortSignal;
}

/** What an archive may ask for. Over one, a call fails with code "limit_exceeded". */
export interface Limits {
  archiveBytes?: number;
  totalBytes?: number;
  memberBytes?: number;
  members?: number;
  pathBytes?: number;
  expansion?: number;
  modules?: number;
  jsonDepth?: number;
  nodes?: number;
  tensors?: number;
  nameBytes?: number;
  rank?: number;
  tensorBytes?: number;
}

export interface OpenOptions extends ProgressOptions {
  limits?: Limits;
}

/** Weights that are kept in one way: docs/weights.md of the project. */
export interface WeightsGroup {
  /** Part of the names of files and symbols. */
  name?: string;
  /** Parameters by name; all that are in no other group when it is not given. */
  tensors?: readonly string[];
  place?: 'flash' | 'external' | 'ram' | 'fetch';
  /** That of EmitOptions when it is not given. */
  format?: WeightsFormat;
  /** Where they are stored, "0x90000000" or a number; a multiple of 16. */
  address?: string | number;
  /** Whether the device checks their CRC-32. */
  check?: boolean;
}

export type WeightsFormat = 'incbin' | 'c-array' | 'elf' | 'binary' | 'hex';

export interface NetworkOptions extends ProgressOptions {
  /** Leaves constants in the types that the archive has them in, also where narrower ones hold their values. */
  keepConstants?: boolean;
  /** All in the image when it is not given. */
  weightsGroups?: readonly WeightsGroup[];
}

export type ExecutorName = 'graph' | 'aot' | 'operator';

export interface Module {
  /** TVM's libmod_name. */
  readonly name: string;
  readonly executor: ExecutorName;
}

/** What a Model Library Format archive says. It does not change. */
export class ModelLibrary {
  private constructor();
  /** Reads an archive, plain or compressed, or the folder that one was unpacked to. */
  static open(path: string, options?: OpenOptions): Promise<ModelLibrary>;
  /** The same from memory; the bytes are copied. */
  static fromBytes(bytes: Uint8Array, options?: OpenOptions): Promise<ModelLibrary>;
  /** Version of the Model Library Format that the archive states. */
  readonly formatVersion: number;
  /** In the order of their names. */
  readonly modules: readonly Module[];
  /** Describes the module of this name; an empty name stands for the only module there is. */
  network(module?: string, options?: NetworkOptions): Promise<NetworkDescriptor>;
}

/** How an integer tensor stands for real numbers: real = scale * (q - zeroPoint). */
export interface Quantization {
  readonly kind: 'unknown' | 'unquantized' | 'per_tensor' | 'per_axis';
  /** "relay": scales have six digits; "tflite": they are exact. Not there without figures, like the rest. */
  readonly source?: 'relay' | 'tflite' | 'caller';
  /** One, or one for each index along `axis`. */
  readonly scales?: readonly number[];
  /** As many as scales. */
  readonly zeroPoints?: readonly number[];
  /** -1 unless per_axis. */
  readonly axis?: number;
}

/** A network's input, an output, a parameter, or an inner tensor. */
export interface Tensor {
  /** As the archive has it. */
  readonly name: string;
  /** TVM's name: "int8", "float32". */
  readonly type: string;
  /** Empty for a scalar. */
  readonly shape: readonly number[];
  /** Size in memory, without padding. */
  readonly bytes: number;
  /** It is a parameter, whose values are in the archive. */
  readonly constant: boolean;
  readonly quantization: Quantization;
  /** The source model's name of an input or output; empty when it is not known. */
  readonly sourceName?: string;
  /** C identifier of an input or output. */
  readonly identifier?: string;
  /** The tensor, by index, whose bytes this one shows. */
  readonly viewOf?: number;
  /** Where in that tensor this one starts, in bytes. */
  readonly viewOffset?: number;
}

/** One call in the network. Tensors are indices into NetworkDescriptor.tensors, in the order of the call. */
export interface Operator {
  readonly name: string;
  readonly kind: 'kernel' | 'copy';
  /** C function; empty for a copy. */
  readonly kernel: string;
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  /** Sizes of the buffers that the kernel takes with TVMBackendAllocWorkspace. */
  readonly workspaceBytes: readonly number[];
  /** The kernel's local arrays, in bytes. */
  readonly stackBytes: number;
}

/** What is worth telling of an archive that was read nevertheless. */
export interface Diagnostic {
  readonly kind: 'note' | 'repair' | 'warning';
  readonly message: string;
  readonly where: string;
}

/** What one network is. ModelLibrary.network() makes it. */
export class NetworkDescriptor {
  private constructor();
  readonly moduleName: string;
  readonly executor: ExecutorName;
  /** All tensors; other fields refer to them by index. */
  readonly tensors: readonly Tensor[];
  /** In the order of the call. */
  readonly inputs: readonly Tensor[];
  /** In the order of the call. */
  readonly outputs: readonly Tensor[];
  /** Constant tensors, in the order in which operators first use them. */
  readonly parameters: readonly Tensor[];
  /** In the order of execution. */
  readonly operators: readonly Operator[];
  readonly diagnostics: readonly Diagnostic[];
  /** The whole descriptor as JSON, as the C ABI gives it. */
  readonly json: string;
  /** Takes names and exact quantization from the TFLite file that the archive was made from. */
  applyTflite(bytes: Uint8Array): Promise<void>;
  /** Takes quantization: {tensors: {image: {scale: 0.5, zero_point: 3}}}, as docs/quantization.md has it. */
  applyQuantization(overrides: object): Promise<void>;
}

export interface PlanOptions {
  /** Whether a run keeps the inputs' bytes. */
  inputs?: 'keep' | 'consume';
  /** Where each input lies, by its place. */
  inputsMemory?: readonly ('arena' | 'caller' | 'double')[];
  /** Likewise. */
  outputsMemory?: readonly ('arena' | 'caller' | 'double')[];
  /** Of every buffer, in bytes: a power of two from 8 on. */
  alignment?: number;
  /** Of inputs and outputs: 32 where a DMA fills what a cache holds. */
  interfaceAlignment?: number;
  /** Ignores what is known of the time inside a kernel. */
  wholeOperators?: boolean;
  /** In order of preference. */
  pools?: readonly { name: string; sizeBytes: number }[];
}

/** What a network needs of memory, in bytes. */
export interface MemoryNeeds {
  /** Arena, context, heap and copied weights, without the stack. */
  readonly ramBytes: number;
  /** Weights and tables in the image's flash, without code. */
  readonly flashBytes: number;
  /** Tensors and workspaces. */
  readonly arenaBytes: number;
  /** No plan can be smaller. */
  readonly arenaLowerBoundBytes: number;
  /** Descriptors of inputs and outputs, state and one handle. */
  readonly contextBytes: number;
  readonly heapBytes: number;
  /** Local arrays of the largest kernel. */
  readonly stackBytes: number;
  readonly weightsBytes: number;
  /** Of these, what is stored elsewhere than in the image's flash. */
  readonly externalWeightsBytes: number;
  /** Of these, what is copied to RAM. */
  readonly copiedWeightsBytes: number;
  /** In flash. */
  readonly tablesBytes: number;
}

/** The place of one buffer. */
export interface PlannedBuffer {
  /** "second" is the other half of a double buffer. */
  readonly kind: 'tensor' | 'workspace' | 'second';
  /** Of the tensor, or of the operator that takes the workspace. */
  readonly name: string;
  readonly bytes: number;
  /** Index into MemoryPlan.pools. */
  readonly pool: number;
  /** In the pool, in bytes. */
  readonly offset: number;
  readonly firstStep: number;
  readonly lastStep: number;
}

/** What is live in one step of a run. */
export interface PlannedStep {
  readonly step: number;
  /** Index of the operator that runs; null before the first and after the last. */
  readonly operator: number | null;
  readonly liveBytes: number;
  /** Indices into MemoryPlan.buffers. */
  readonly liveBuffers: readonly number[];
}

/** A network, as it was when the plan was made, with the place of each of its bytes. */
export class MemoryPlan {
  private constructor();
  static make(network: NetworkDescriptor, options?: PlanOptions): Promise<MemoryPlan>;
  /** Of all pools. */
  readonly bytes: number;
  readonly needs: MemoryNeeds;
  readonly pools: readonly { readonly name: string; readonly bytes: number }[];
  readonly buffers: readonly PlannedBuffer[];
  readonly steps: readonly PlannedStep[];
  /** The whole plan as JSON, as the C ABI gives it. */
  readonly json: string;
}

/** Inputs with the outputs they should give, for the firmware to check: the bytes of the tensors' elements,
 * little-endian, in C order. */
export interface Sample {
  /** One for each input of the network. */
  inputs: readonly Uint8Array[];
  /** One for each output, or none: then the firmware only reports. */
  outputs?: readonly Uint8Array[];
  /** Of several networks, the place of the one that it is for; 0 when it is not given. */
  network?: number;
}

/** What is emitted. docs/c-abi.md of the project lists the words. */
export interface EmitOptions extends ProgressOptions {
  /** Prefix of every file and symbol; "network" when it is not given. */
  name?: string;
  /** Of several networks, one for each; <name>_<its module's name> when they are not given. */
  names?: readonly string[];
  /** What the application programs against. */
  cApi?: 'tvm' | 'st-ai' | 'legacy';
  /** How weights come into the image. */
  weights?: WeightsFormat;
  /** A board of targets(): adds its firmware. */
  target?: string;
  /** Boards of your own, in the form of docs/boards.md, to take `target` from first. */
  boards?: object;
  /** Over one, the call fails with code "does_not_fit". */
  budget?: { ramBytes?: number; flashBytes?: number; ticks?: number };
  /** What builds the files. */
  buildSystem?: 'cmake' | 'make' | 'zephyr' | 'arduino' | 'platformio' | 'csolution' | 'cubeide';
  /** What the firmware does. */
  application?: 'golden-check' | 'minimal' | 'performance' | 'validation' | 'self-test';
  /** Where the firmware's text goes. */
  console?: 'automatic' | 'semihosting' | 'uart' | 'application';
  /** The kernels' compiler options, as `stm32tvm tune` writes them. */
  kernelProfile?: object;
  /** What the emitted self_test/record.cmake wrote. */
  selfTestTable?: string;
  /** For the firmware to check; with application "self-test" the inputs of that. */
  samples?: readonly Sample[];
}

export class ProjectEmitter {
  /** Emits one network. */
  static emit(plan: MemoryPlan, options?: EmitOptions): Promise<SourceTree>;
  /** Emits several networks into one tree, over one runtime; each is called as `names` says. */
  static emitAll(plans: readonly MemoryPlan[], options?: EmitOptions): Promise<SourceTree>;
}

/** What SourceTree.writeTo() did. */
export interface Written {
  /** Paths of new files, and of files that got other bytes. */
  readonly changed: readonly string[];
  /** Paths of files of an earlier tree that this one does not have. */
  readonly removed: readonly string[];
  /** How many files had these bytes already. */
  readonly unchanged: number;
}

/** The emitted files in memory. Paths are relative, with '/' between their parts. */
export class SourceTree implements Iterable<[string, Buffer]> {
  private constructor();
  readonly size: number;
  /** Sorted. */
  readonly paths: string[];
  /** A copy of the file's bytes; undefined when there is no such file. */
  get(path: string): Buffer | undefined;
  [Symbol.iterator](): IterableIterator<[string, Buffer]>;
  /** Writes the files into a folder, which is made if it is not there. Only files whose bytes differ are touched; files
   * that an earlier tree left there go, all others stay. Where somebody edited an emitted file, or another is in the
   * way, it fails with code "cannot_write" and writes nothing, unless `replaceEdited`: then what was edited is lost. */
  writeTo(folder: string, options?: { replaceEdited?: boolean }): Promise<Written>;
}

/** A board that firmware is emitted for. */
export interface Target {
  readonly name: string;
  readonly description: string;
  /** The microcontroller. */
  readonly part: string;
}

/** The boards that the library knows. */
export function targets(): Promise<Target[]>;

/** Version of the library. */
export const version: string;
/** Emitted networks and device runtimes of the same number fit each other. */
export const contractVersion: number;
/** The versions of the Model Library Format that are read. */
export const formatVersions: { readonly minimum: number; readonly maximum: number };
