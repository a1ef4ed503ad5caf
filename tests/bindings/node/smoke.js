// SPDX-License-Identifier: Apache-2.0
// smoke.js ARCHIVE SAMPLE OUT: one way through everything, with failures and a cancelled call, to look for leaks.
'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const { ModelLibrary, MemoryPlan, ProjectEmitter } = require('stm32tvm');

const [archive, sample, out] = process.argv.slice(2);

async function main() {
  const library = await ModelLibrary.open(archive, { onProgress: () => true });
  const network = await library.network();
  const plan = await MemoryPlan.make(network);
  const samples = [{ inputs: [fs.readFileSync(sample)] }];
  const tree = await ProjectEmitter.emit(plan, { name: 'digits', target: 'netduinoplus2', samples });
  assert.equal((await tree.writeTo(out)).changed.length, tree.size);
  assert.ok([...tree].reduce((sum, [, bytes]) => sum + bytes.length, 0) > 10000);
  await assert.rejects(ModelLibrary.open('no/such.tar'), { code: 'cannot_read' });
  await assert.rejects(ModelLibrary.open(archive, { onProgress: () => false }), { code: 'cancelled' });
  await assert.rejects(network.applyTflite(Buffer.from('no file')), { code: 'bad_option' });
}

main();
