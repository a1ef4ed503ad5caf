// SPDX-License-Identifier: Apache-2.0
// A network as a tree of lines. Nothing here knows the editor.
'use strict';

/**
 * @typedef {object} Item
 * @property {string} label
 * @property {string} [description]
 * @property {string} [tooltip]
 * @property {string} [icon] a name of the editor's icons
 * @property {Item[]} [children]
 */

const bytes = (/** @type {number} */ count) => `${count.toLocaleString('en')} bytes`;

/**
 * @param {string} label
 * @param {number} count
 * @param {string} tooltip
 * @returns {Item}
 */
const size = (label, count, tooltip) => ({ label, description: bytes(count), tooltip });

/**
 * real = scale * (q - zero point)
 * @param {import('stm32tvm').Quantization} quantization
 */
function quantizationText({ kind, scales = [], zeroPoints = [], axis }) {
  if (scales.length === 0) {
    return '';
  }
  const first = `scale ${scales[0]}, zero point ${zeroPoints[0]}`;
  return kind === 'per_axis' ? `${scales.length} scales along axis ${axis}, the first with ${first}` : first;
}

/**
 * @param {import('stm32tvm').Tensor} tensor
 * @returns {Item}
 */
function tensorItem(tensor) {
  return {
    label: tensor.name,
    description: `${tensor.type}[${tensor.shape.join(', ')}]`,
    tooltip: [bytes(tensor.bytes), quantizationText(tensor.quantization)].filter(Boolean).join('\n'),
    icon: tensor.constant ? 'symbol-constant' : 'symbol-array',
  };
}

/**
 * @param {string} label
 * @param {readonly import('stm32tvm').Tensor[]} tensors
 * @returns {Item}
 */
const tensorsItem = (label, tensors) => ({ label, description: `${tensors.length}`, children: tensors.map(tensorItem) });

/**
 * What a network takes, and what it is made of.
 * @param {import('stm32tvm').NetworkDescriptor} network
 * @param {import('stm32tvm').MemoryPlan} plan
 * @returns {Item}
 */
function networkItem(network, { needs }) {
  const named = new Set([...network.inputs, ...network.outputs, ...network.parameters]);
  return {
    label: network.moduleName,
    description: `${network.operators.length} operators, ${network.executor}`,
    icon: 'circuit-board',
    children: [
      {
        label: 'RAM',
        description: bytes(needs.ramBytes),
        tooltip: 'Without the stack',
        children: [
          size('Arena', needs.arenaBytes, 'Tensors and workspaces'),
          size('Context', needs.contextBytes, 'Descriptors of inputs and outputs, state and one handle'),
          size('Heap', needs.heapBytes, 'What kernels take from a heap'),
        ],
      },
      size('Stack', needs.stackBytes, 'Local arrays of the largest kernel'),
      {
        label: 'Flash',
        description: bytes(needs.weightsBytes + needs.tablesBytes),
        tooltip: 'Without code',
        children: [
          size('Weights', needs.weightsBytes, 'Constant tensors'),
          size('Tables', needs.tablesBytes, 'Descriptors and lists of calls'),
        ],
      },
      tensorsItem('Inputs', network.inputs),
      tensorsItem('Outputs', network.outputs),
      tensorsItem('Parameters', network.parameters),
      tensorsItem('Inner tensors', network.tensors.filter((tensor) => !named.has(tensor))),
    ],
  };
}

module.exports = { networkItem };
